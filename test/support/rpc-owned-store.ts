import type { Kind } from '../../api/kinds.ts';
import type { ObjectKey } from '../../api/meta/object.ts';
import type { Applicable, ListOptions, Store, WatchOptions } from '../../controllers/ports/store.ts';

/** A Store as one owner may use it: what admission adds to it in a provider, and nothing else. */
export function ownedStore(store: Store, owner: string): Store {
  const own = <K extends Kind>(key: ObjectKey<K>) => ({ ...key, owner });
  return {
    get: (key) => store.get(own(key)),
    list: (kind, options: ListOptions = {}) => store.list(kind, { ...options, owner }),
    watch: (kind, options: WatchOptions) => store.watch(kind, { ...options, owner }),
    apply: <K extends Kind>(object: Applicable<K>, options = {}) =>
      store.apply({ ...object, metadata: { ...object.metadata, owner } }, options),
    patch: (key, patch, options) => store.patch(own(key), patch, options),
    patchStatus: (key, patch, options) => store.patchStatus(own(key), patch, options),
    delete: (key, options) => store.delete(own(key), options),
  };
}
