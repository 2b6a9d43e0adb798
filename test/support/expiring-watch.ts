import { StatusError } from '../../api/meta/status-error.ts';
import type { Store } from '../../controllers/ports/store.ts';

/** Makes a Store lose track of what it tells: the first watch ends where a list would end, after `meanwhile`. */
export function expireFirstWatch(store: Store, meanwhile: () => Promise<unknown>): void {
  const watch = store.watch.bind(store);
  store.watch = async function* (kind, options) {
    store.watch = watch;
    for await (const event of watch(kind, options)) {
      yield event;
      if (event.type !== 'BOOKMARK') continue;
      await meanwhile();
      throw new StatusError('Expired', 'events came faster than they were read');
    }
  };
}
