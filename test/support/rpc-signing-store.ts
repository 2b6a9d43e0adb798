import { randomUUID } from 'node:crypto';
import type { Kind } from '../../api/kinds.ts';
import { canonicalHash } from '../../api/meta/canonical.ts';
import { isObject, type MergePatch, mergePatch } from '../../api/meta/merge-patch.ts';
import { keyOf, type ObjectKey } from '../../api/meta/object.ts';
import type { Applicable, PatchOptions, Store, WriteOptions } from '../../controllers/ports/store.ts';

/**
 * A RemoteStore for a writer that keeps no objects of its own: takes the uid from the peer, counts
 * generations and computes what a signature must say. The sync controller does it from its own objects.
 */
export function signingStore(remote: Store): Store {
  const specs = new Map<string, string[]>();

  /** Moves with the spec only, as an owner's generation does. */
  const generationOf = (uid: string, result: string, { dryRun }: WriteOptions) => {
    const earlier = specs.get(uid) ?? [];
    const all = earlier.at(-1) === result ? earlier : [...earlier, result];
    if (!dryRun) specs.set(uid, all);
    return all.length;
  };

  const apply = async <K extends Kind>(object: Applicable<K>, options: WriteOptions = {}) => {
    // An object whose name nobody could have is refused by the apply itself.
    const current = await remote.get(keyOf(object)).catch(() => undefined);
    const uid = object.metadata.uid ?? current?.metadata.uid ?? randomUUID();
    const generation = generationOf(uid, canonicalHash(object.spec), options);
    return remote.apply({ ...object, metadata: { ...object.metadata, uid, generation } }, options);
  };

  const patch = async <K extends Kind>(key: ObjectKey<K>, change: MergePatch, options: PatchOptions = {}) => {
    const current = await remote.get(key);
    const before = current?.spec ?? {};
    const after = isObject(change) ? mergePatch(before, change.spec ?? {}) : before;
    const signed = { base: canonicalHash(before), result: canonicalHash(after), ...options };
    const uid = options.uid ?? current?.metadata.uid ?? randomUUID();
    const generation = generationOf(uid, signed.result, options);
    return remote.patch(key, change, { ...signed, uid, generation });
  };

  return {
    get: (key) => remote.get(key),
    list: (kind, options) => remote.list(kind, options),
    watch: (kind, options) => remote.watch(kind, options),
    apply,
    patch,
    patchStatus: (key, change, options) => remote.patchStatus(key, change, options),
    delete: (key, options) => remote.delete(key, options),
  };
}
