import type { Kind } from '../../../api/kinds.ts';
import { canonicalHash } from '../../../api/meta/canonical.ts';
import { deepEqual, isObject, type MergePatch, mergePatch } from '../../../api/meta/merge-patch.ts';
import { QUALIFIED_NAME } from '../../../api/meta/names.ts';
import type { ApiObject, ObjectKey, ObjectMeta } from '../../../api/meta/object.ts';
import { StatusError } from '../../../api/meta/status-error.ts';
import type { PatchOptions } from '../../../controllers/ports/store.ts';
import { type Mutation, revise } from './mutations.ts';
import { checkPreconditions, conflict, notFound } from './preconditions.ts';
import type { Validation } from './validation.ts';

/** Merges into labels, annotations, finalizers and spec; any other member is Invalid. */
export function patchObject(
  current: ApiObject | undefined,
  key: ObjectKey,
  patch: MergePatch,
  options: PatchOptions,
  validation: Validation,
): Mutation {
  if (!current) throw notFound(key);
  checkPreconditions(current, options);
  if (options.base !== undefined && canonicalHash(current.spec) !== options.base)
    throw conflict(key, 'base', 'its spec is not the one this patch was made for; send the whole spec');
  const { metadata, ...rest } = members(patch, ['metadata', 'spec'], '');
  return revise(current, {
    metadata: patchMetadata(current, metadata, options, validation),
    spec: 'spec' in rest ? patchSpec(current, rest.spec, options, validation) : unpatched(current, options),
  });
}

function patchMetadata(
  { metadata }: ApiObject,
  patch: unknown,
  { signature }: PatchOptions,
  validation: Validation,
): ObjectMeta {
  const changes = members(patch ?? {}, ['labels', 'annotations', 'finalizers'], 'metadata.');
  const merged = mergePatch(metadata, changes) as ObjectMeta;
  if ('labels' in changes) validation.labels(merged.labels ?? {});
  if ('annotations' in changes) validation.annotations(merged.annotations ?? {});
  if ('finalizers' in changes) checkFinalizers(metadata, merged.finalizers);
  return signature === undefined ? merged : { ...merged, signature };
}

/**
 * The spec after the patch. One that its owner signed is stored as it was signed, to the byte of its
 * canonical form; any other gets the defaults of what it does not say.
 */
function patchSpec(current: ApiObject, patch: unknown, options: PatchOptions, validation: Validation) {
  const merged = mergePatch(current.spec, patch);
  const decoded = validation.spec(current.kind as Kind, merged);
  checkResult(current, merged, options);
  return options.result === undefined && !deepEqual(merged, current.spec) ? decoded : merged;
}

function unpatched(current: ApiObject, options: PatchOptions): unknown {
  checkResult(current, current.spec, options);
  return current.spec;
}

function checkResult(current: ApiObject, spec: unknown, { result }: PatchOptions): void {
  if (result !== undefined && canonicalHash(spec) !== result)
    throw conflict(
      { kind: current.kind, ...current.metadata },
      'result',
      'the patch does not lead to the spec that was signed; send the whole spec',
    );
}

/** While an object is being deleted its finalizers only become fewer, or it might never go. */
function checkFinalizers(before: ObjectMeta, finalizers: unknown): void {
  const field = 'metadata.finalizers';
  if (finalizers === undefined) return;
  if (!Array.isArray(finalizers) || !finalizers.every(isQualifiedName))
    throw new StatusError('Invalid', `${field} must be a list of [prefix/]names`, { field });
  const added = finalizers.find((name) => !before.finalizers?.includes(name));
  if (added !== undefined && before.deletionTimestamp !== undefined)
    throw new StatusError('Invalid', `${field}: ${added} cannot be added to an object being deleted`, {
      field,
    });
}

function isQualifiedName(name: unknown): boolean {
  return typeof name === 'string' && QUALIFIED_NAME.test(name);
}

/** The members of a patch, all of which must be `known`. */
function members(patch: unknown, known: readonly string[], prefix: string): Record<string, unknown> {
  if (!isObject(patch))
    throw new StatusError('Invalid', `${prefix.slice(0, -1) || 'a patch'} must be a mapping`);
  const unknown = Object.keys(patch).find((member) => !known.includes(member));
  if (unknown !== undefined)
    throw new StatusError('Invalid', `${prefix}${unknown} cannot be patched; ${known.join(', ')} can`, {
      field: `${prefix}${unknown}`,
    });
  return patch;
}
