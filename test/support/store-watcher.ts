import type { Kind } from '../../api/kinds.ts';
import type { Store, WatchEvent, WatchOptions } from '../../controllers/ports/store.ts';

/** A watch under way: what it has told so far, and how it ended. */
export interface Watcher<K extends Kind> {
  events: WatchEvent<K>[];
  /** `ADDED web`, `BOOKMARK`, ... */
  story(): string[];
  stop(): void;
  /** Resolves when it ended by its signal; rejects with the store's error otherwise. */
  ended: Promise<void>;
}

export function startWatch<K extends Kind>(
  store: Store,
  kind: K,
  options: Omit<WatchOptions, 'signal'> = {},
): Watcher<K> {
  const abort = new AbortController();
  const events: WatchEvent<K>[] = [];
  const ended = (async () => {
    for await (const event of store.watch(kind, { ...options, signal: abort.signal })) events.push(event);
  })();
  ended.catch(() => undefined); // Whoever awaits `ended` sees the error; a test that does not must still not die of it.
  return { events, story: () => events.map(tell), stop: () => abort.abort(), ended };
}

function tell<K extends Kind>(event: WatchEvent<K>): string {
  return event.type === 'BOOKMARK' ? event.type : `${event.type} ${event.object.metadata.name}`;
}
