import { setTimeout as sleep } from 'node:timers/promises';
import type { Kind } from '../../../api/kinds.ts';
import { type ApiObject, formatKey, keyOf } from '../../../api/meta/object.ts';
import { StatusError } from '../../../api/meta/status-error.ts';
import type { WatchEvent, WatchOptions } from '../../../controllers/ports/store.ts';
import type { Snapshot } from './event-window.ts';
import { Feed } from './feed.ts';
import { toStatusError } from './file-errors.ts';
import { Follower, type FollowerComponents } from './follower.ts';
import { checkKind } from './keys.ts';
import { monotonic } from './monotonic.ts';
import { revisionOf } from './records.ts';
import { inSlices } from './slices.ts';

/** A kind that is, or once was, watched: its history is kept, so that a watch can be resumed. */
interface Watched {
  feed: Feed;
  follower: Follower;
  watchers: number;
}

/** A write takes milliseconds; one that is not settled after so long is another process' trouble. */
const SETTLE_TIMEOUT_MS = 10_000;

/** Watches of a state directory. Nothing runs, and nothing is open, while there are none. */
export class DirectoryWatch {
  readonly #components: FollowerComponents;
  readonly #watched = new Map<Kind, Watched>();

  constructor(components: FollowerComponents) {
    this.#components = components;
  }

  async *watch(kind: Kind, options: WatchOptions): AsyncGenerator<WatchEvent<Kind>> {
    const { signal, resourceVersion } = options;
    if (signal.aborted) return;
    try {
      const watched = this.#find(checkKind(kind).kind, resourceVersion);
      const leave = this.#enter(watched);
      signal.addEventListener('abort', leave); // Whoever aborts may never ask for another event.
      try {
        yield* await this.#events(watched.feed, options);
      } finally {
        signal.removeEventListener('abort', leave);
        await leave();
      }
    } catch (error) {
      throw toStatusError(error);
    }
  }

  async #events(feed: Feed, options: WatchOptions): Promise<AsyncGenerator<WatchEvent<Kind>>> {
    if (options.resourceVersion === undefined)
      return feed.window.watchFrom(await this.#snapshot(feed), options);
    const latest = Math.max(feed.revision, this.#components.directory.revisions.settled());
    return feed.window.resume(options.resourceVersion, latest, options);
  }

  #find(kind: Kind, version: string | undefined): Watched {
    const watched = this.#watched.get(kind) ?? this.#follow(kind, version);
    this.#watched.set(kind, watched);
    watched.follower.look();
    return watched;
  }

  /** Follows a kind from the version that is asked for, if that may still be known. */
  #follow(kind: Kind, version: string | undefined): Watched {
    const { directory } = this.#components;
    const settled = directory.revisions.settled();
    const asked = Number(version ?? settled);
    const feed = new Feed(this.#components, {
      kind,
      revision: asked >= 0 && asked < settled ? asked : settled,
    });
    const follower = new Follower(this.#components, { feed });
    directory.turns.listeners.add((lock) => follower.look(lock));
    return { feed, follower, watchers: 0 };
  }

  /** Answers what ends it. */
  #enter(watched: Watched): () => Promise<void> {
    if (watched.watchers++ === 0) watched.follower.start();
    let left: Promise<void> | undefined;
    return () => {
      left ??= --watched.watchers === 0 ? watched.follower.stop() : Promise.resolve();
      return left;
    };
  }

  /** All objects as of one revision, from a list that takes time while others go on writing. */
  async #snapshot(feed: Feed): Promise<Snapshot> {
    const deadline = monotonic() + SETTLE_TIMEOUT_MS;
    const position = feed.window.position;
    const objects = await this.#list(feed.kind);
    const newest = [...objects.values()].reduce((max, object) => Math.max(max, revisionOf(object)), 0);
    for (feed.poll(); feed.revision < newest; feed.poll()) {
      if (monotonic() > deadline)
        throw new StatusError(
          'Timeout',
          `a write to ${this.#components.directory.layout.directory} does not end`,
        );
      await sleep(1);
    }
    const changes = feed.window.since(position);
    if (!changes) return this.#snapshot(feed);
    for (const { type, object } of changes) {
      const id = formatKey(keyOf(object));
      const listed = objects.get(id);
      if (listed && revisionOf(listed) >= revisionOf(object)) continue;
      if (type === 'DELETED') objects.delete(id);
      else objects.set(id, object);
    }
    return { objects: objects.values(), revision: feed.revision };
  }

  async #list(kind: Kind): Promise<Map<string, ApiObject>> {
    const { directory } = this.#components;
    const objects = new Map<string, ApiObject>();
    for await (const key of inSlices(directory.keys(kind))) {
      const object = await directory.load(key);
      if (object) objects.set(formatKey(key), object);
    }
    return objects;
  }
}
