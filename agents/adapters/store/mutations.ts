import { dropConditions } from '../../../api/meta/condition.ts';
import { deepEqual, isObject, type MergePatch, mergePatch } from '../../../api/meta/merge-patch.ts';
import {
  type ApiObject,
  keyOf,
  type ManifestMeta,
  type ObjectKey,
  type ObjectMeta,
  type ObjectStatus,
} from '../../../api/meta/object.ts';
import { StatusError } from '../../../api/meta/status-error.ts';
import type { Applicable, Applied, DeleteOptions, WriteOptions } from '../../../controllers/ports/store.ts';
import { checkPreconditions, conflict, notFound } from './preconditions.ts';

/**
 * What a request makes of an object: pure functions that every Store shares. The object still has its
 * old resourceVersion (`''` when it is new): the Store that writes it gives it the next one.
 */
export interface Mutation {
  operation: Applied<never>['operation'] | 'deleted';
  object: ApiObject;
}

/** What the functions need from outside: the time, and who a new object is. */
export interface MutationContext {
  now: Date;
  newUID(): string;
}

/** The members of an Applicable, whatever its kind. */
export type AnyApplicable = Omit<Applicable<never>, 'kind' | 'spec'> & { kind: string; spec: unknown };

/** Makes labels, annotations and spec those of the request; bookkeeping that is not given stays. */
export function applyObject(
  current: ApiObject | undefined,
  request: AnyApplicable,
  options: WriteOptions,
  context: MutationContext,
): Mutation {
  if (!current) return create(request, options, context);
  if (request.metadata.uid !== undefined) checkPreconditions(current, { uid: request.metadata.uid });
  checkPreconditions(current, options);
  if (current.metadata.deletionTimestamp !== undefined)
    throw conflict(keyOf(current), 'deletionTimestamp', 'it is being deleted; wait until it is gone');
  const { labels, annotations } = request.metadata;
  const metadata = { ...current.metadata, ...bookkeeping(request), labels, annotations };
  return revise(current, { metadata, spec: request.spec });
}

/** Merges into the status and nothing else; `null` removes it. */
export function patchObjectStatus(
  current: ApiObject | undefined,
  key: ObjectKey,
  patch: MergePatch,
  options: WriteOptions,
): Mutation {
  if (!current) throw notFound(key);
  checkPreconditions(current, options);
  const status = patch === null ? undefined : mergePatch(current.status, patch);
  if (status !== undefined && !isObject(status))
    throw new StatusError('Invalid', 'a status must be a mapping', { field: 'status' });
  if (deepEqual(status, current.status)) return { operation: 'unchanged', object: current };
  return { operation: 'configured', object: { ...current, status: clone(status) as ObjectStatus } };
}

/** First phase of a delete; the only one for an object without finalizers. Undefined when there is nothing to do. */
export function deleteObject(
  current: ApiObject | undefined,
  options: DeleteOptions,
  context: Pick<MutationContext, 'now'>,
): Mutation | undefined {
  if (!current) return undefined;
  checkPreconditions(current, options);
  const { metadata } = current;
  const deletionTimestamp = metadata.deletionTimestamp ?? context.now.toISOString();
  const deletionGracePeriodSeconds = shorter(options.gracePeriodSeconds, metadata.deletionGracePeriodSeconds);
  return finish(current, {
    ...current,
    metadata: { ...metadata, deletionTimestamp, deletionGracePeriodSeconds },
  });
}

/** `current` with another spec or metadata: counts the generation, and sees when nothing moved. */
export function revise(current: ApiObject, change: { metadata: ObjectMeta; spec: unknown }): Mutation {
  const sameSpec = deepEqual(change.spec, current.spec);
  const metadata = normalize({
    ...change.metadata,
    generation: current.metadata.generation + (sameSpec ? 0 : 1),
  });
  const spec = sameSpec ? current.spec : change.spec;
  return finish(current, { ...current, metadata: clone(metadata), spec: sameSpec ? spec : clone(spec) });
}

/** The status without the conditions of the given types; none at all when nothing is left. */
export function withoutConditions(
  status: ObjectStatus | undefined,
  types: readonly string[],
): ObjectStatus | undefined {
  if (!status?.conditions?.some(({ type }) => types.includes(type))) return status;
  const { conditions, ...rest } = status;
  const left = dropConditions(conditions, types);
  if (left.length > 0) return { ...rest, conditions: left };
  return Object.keys(rest).length > 0 ? rest : undefined;
}

function create(request: AnyApplicable, options: WriteOptions, context: MutationContext): Mutation {
  const key = keyOf(request);
  if (options.uid !== undefined || options.resourceVersion !== undefined)
    throw conflict(key, options.uid === undefined ? 'resourceVersion' : 'uid', 'it does not exist any more');
  const metadata = {
    ...pickManifest(request.metadata),
    ...bookkeeping(request),
    owner: request.metadata.owner,
    uid: request.metadata.uid ?? context.newUID(),
    resourceVersion: '',
    generation: 1,
    creationTimestamp: context.now.toISOString(),
  };
  const { apiVersion, kind, spec } = request;
  return {
    operation: 'created',
    object: clone({ apiVersion, kind, metadata: normalize(metadata), spec }),
  };
}

/** An object that is being deleted goes with its last finalizer. */
function finish(current: ApiObject, next: ApiObject): Mutation {
  const { deletionTimestamp, finalizers } = next.metadata;
  if (deletionTimestamp !== undefined && !finalizers?.length) return { operation: 'deleted', object: next };
  const unchanged = deepEqual(next.metadata, current.metadata) && deepEqual(next.spec, current.spec);
  return unchanged ? { operation: 'unchanged', object: current } : { operation: 'configured', object: next };
}

function pickManifest({ name, namespace, labels, annotations }: ManifestMeta): ManifestMeta {
  return { name, namespace, labels, annotations };
}

/** The bookkeeping that a request gives. `generation` is the remote writer's own, and uid is never changed. */
function bookkeeping({
  metadata,
}: AnyApplicable): Pick<ObjectMeta, 'finalizers' | 'signature' | 'lastApplied'> {
  const { finalizers, signature, lastApplied } = metadata;
  return {
    ...(finalizers !== undefined && { finalizers }),
    ...(signature !== undefined && { signature }),
    ...(lastApplied !== undefined && { lastApplied }),
  };
}

/** No members without a value: labels `{}` and no labels are the same, on disk and in comparisons. */
function normalize(metadata: ObjectMeta): ObjectMeta {
  const isEmpty = (value: unknown) =>
    value === undefined || (isObject(value) && Object.keys(value).length === 0);
  const entries = Object.entries(metadata).filter(
    ([key, value]) => !isEmpty(value) && !(key === 'finalizers' && (value as string[]).length === 0),
  );
  return Object.fromEntries(entries) as unknown as ObjectMeta;
}

function shorter(requested: number | undefined, before: number | undefined): number | undefined {
  if (requested === undefined || before === undefined) return requested ?? before;
  return Math.min(requested, before);
}

/** What a Store holds is JSON and its own: the caller may go on changing what it passed in. */
function clone<T>(value: T): T {
  return value === undefined ? value : JSON.parse(JSON.stringify(value));
}
