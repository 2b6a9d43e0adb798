import type { Kind } from '../../../api/kinds.ts';
import { deepEqual, diffPatch, mergePatch, threeWayMerge } from '../../../api/meta/merge-patch.ts';
import { keyOf, type LastApplied } from '../../../api/meta/object.ts';
import { MAX_BODY_BYTES } from '../../../api/protocol/limits.ts';
import { decode, formatPath, specSchema } from '../../../api/scheme.ts';
import type { AnyObject } from '../../../api/v1alpha1/types.ts';
import { InvalidManifestError, type SourceError } from '../../../api/yaml.ts';
import type { Applicable, Store } from '../../../controllers/ports/store.ts';
import type { Desired } from './read-manifests.ts';

/** What applying one manifest would do. */
export interface Change {
  desired: Desired;
  /** The object as it is. */
  live: AnyObject | undefined;
  /** The object as it is to be. */
  next: Applicable<Kind>;
  operation: 'created' | 'configured' | 'unchanged';
}

/** Planning only reads. */
export type ReadableStore = Pick<Store, 'get' | 'list'>;

/** What a machine without a state directory has: enough to try a manifest in CI. */
export const NO_OBJECTS: ReadableStore = {
  get: async () => undefined,
  list: async () => ({ items: [], resourceVersion: '' }),
};

/** Trust first: a Deployment may be meant for a peer that is written beside it. */
const ORDER: readonly Kind[] = ['TrustedPeer', 'Deployment', 'Event'];

/**
 * What applying these manifests would do, in the order to do it. Nothing is written.
 * @throws InvalidManifestError when a manifest makes no valid object together with what is there.
 */
export async function planChanges(store: ReadableStore, desired: readonly Desired[]): Promise<Change[]> {
  const planned = await Promise.all(desired.map((one) => planChange(store, one)));
  const errors = planned.flatMap((result) => ('errors' in result ? result.errors : []));
  const changes = planned.flatMap((result) => ('operation' in result ? [result] : []));
  const all = [...errors, ...(await twiceTrusted(store, changes))];
  if (all.length > 0) throw new InvalidManifestError(all);
  return changes.sort((a, b) => ORDER.indexOf(a.next.kind) - ORDER.indexOf(b.next.kind));
}

/** As {@link planChanges}, for one. */
export async function planChange(
  store: ReadableStore,
  desired: Desired,
): Promise<Change | { errors: SourceError[] }> {
  const { manifest, written } = desired;
  const live = await store.get(keyOf(manifest));
  const before: LastApplied = live?.metadata.lastApplied ?? { spec: undefined };
  const schema = specSchema(manifest.kind);
  const spec = live
    ? threeWayMerge(before.spec, changedSince(schema, before, live), written.spec)
    : written.spec;
  const decoded = decode(schema, spec, ['spec']);
  if (!decoded.ok)
    return { errors: decoded.errors.map(({ path, message }) => mistake(desired, formatPath(path), message)) };
  const size = Buffer.byteLength(JSON.stringify(decoded.value));
  if (size > MAX_BODY_BYTES)
    return {
      errors: [
        mistake(desired, 'spec', `has ${size} bytes, more than the ${MAX_BODY_BYTES} that can be sent`),
      ],
    };
  const next = nextObject(desired, live, before, decoded.value);
  return { desired, live, next, operation: operationOf(live, next) };
}

/**
 * The part of the live spec that neither the last apply nor its defaults explain: what scale, restart and
 * edit have set. A default that nobody chose must not outlive the field it belonged to.
 */
function changedSince(schema: ReturnType<typeof specSchema>, before: LastApplied, live: AnyObject): unknown {
  const applied = decode(schema, before.spec);
  return applied.ok ? mergePatch({}, diffPatch(applied.value, live.spec) ?? {}) : live.spec;
}

function nextObject(
  { manifest, written }: Desired,
  live: AnyObject | undefined,
  before: LastApplied,
  spec: unknown,
): Applicable<Kind> {
  const { apiVersion, kind, metadata } = manifest;
  const { name, namespace } = metadata;
  const merge = (field: 'labels' | 'annotations') =>
    (threeWayMerge(before[field] ?? {}, live?.metadata[field] ?? {}, written[field] ?? {}) ?? {}) as Record<
      string,
      string
    >;
  return {
    apiVersion,
    kind,
    metadata: {
      name,
      ...(namespace === undefined ? {} : { namespace }),
      labels: merge('labels'),
      annotations: merge('annotations'),
      lastApplied: withSource(written, before),
    },
    spec,
  } as Applicable<Kind>;
}

/** What is read from stdin has no home; the object keeps the one it had. */
function withSource(written: LastApplied, before: LastApplied): LastApplied {
  return written.source === '-' && before.source !== undefined
    ? { ...written, source: before.source }
    : written;
}

function operationOf(live: AnyObject | undefined, next: Applicable<Kind>): Change['operation'] {
  if (!live) return 'created';
  const { labels = {}, annotations = {} } = live.metadata;
  const same =
    deepEqual(live.spec, next.spec) &&
    deepEqual(labels, next.metadata.labels) &&
    deepEqual(annotations, next.metadata.annotations);
  return same ? 'unchanged' : 'configured';
}

/** One peer under two names would have two sets of grants. */
async function twiceTrusted(store: ReadableStore, changes: readonly Change[]): Promise<SourceError[]> {
  const peers = changes.flatMap(({ desired, next }) =>
    next.kind === 'TrustedPeer'
      ? [{ desired, name: next.metadata.name, spec: next.spec as { peerID: string } }]
      : [],
  );
  if (peers.length === 0) return [];
  const names = new Map(
    (await store.list('TrustedPeer')).items.map(({ spec, metadata }) => [spec.peerID, metadata.name]),
  );
  for (const { name } of peers) for (const [id, known] of names) if (known === name) names.delete(id);
  return peers.flatMap(({ desired, name, spec }) => {
    const known = names.get(spec.peerID);
    names.set(spec.peerID, name);
    return known === undefined ? [] : [mistake(desired, 'spec.peerID', `is trusted already, as "${known}"`)];
  });
}

function mistake({ file, line }: Desired, path: string, message: string): SourceError {
  return { file, line, path, message };
}
