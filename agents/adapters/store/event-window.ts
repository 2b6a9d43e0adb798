import type { Kind } from '../../../api/kinds.ts';
import type { Labels } from '../../../api/meta/labels.ts';
import type { ApiObject } from '../../../api/meta/object.ts';
import { StatusError } from '../../../api/meta/status-error.ts';
import type { WatchEvent, WatchOptions } from '../../../controllers/ports/store.ts';
import { inScope, isListed, isSelected } from './selection.ts';

/** One write as a watcher sees it. The object carries the version of the write, also when it was deleted. */
export interface Change {
  type: 'ADDED' | 'MODIFIED' | 'DELETED';
  object: ApiObject;
  /** Labels before the write: an object may leave or enter a selection by it. */
  before?: Labels | undefined;
}

/** What a watch without a version begins with: everything there is, and the version of that. */
export interface Snapshot {
  objects: Iterable<ApiObject>;
  revision: number;
}

interface Entry extends Change {
  revision: number;
}

/** So many events of a kind can be resumed over; at 2 KiB an object, 20 MiB where all were different ones. */
export const WINDOW_SIZE = 10_000;

/** A watcher whose selection is quiet hears so often where the others are, or its version would grow too old. */
const BOOKMARK_EVERY = WINDOW_SIZE / 10;

/**
 * The last events of one kind, in the order of their revisions. It is history and queue at once:
 * every watcher is a position in it, and one that the window has moved past is told `Expired`.
 */
export class EventWindow {
  readonly #size: number;
  readonly #entries: Entry[] = [];
  readonly #waiting = new Set<() => void>();
  /** Positions count from the first event ever; `#first` is the oldest still held. */
  #first = 0;
  #next = 0;
  #floor: number;

  /** Resuming works from `revision` on. */
  constructor(revision: number, size = WINDOW_SIZE) {
    this.#floor = revision;
    this.#size = size;
  }

  /** Revisions must rise. */
  append(change: Change, revision: number): void {
    const slot = this.#next % this.#size;
    if (this.#next - this.#first === this.#size) {
      this.#floor = this.#entries[slot]?.revision ?? this.#floor;
      this.#first += 1;
    }
    this.#entries[slot] = { ...change, revision };
    this.#next += 1;
    this.#wake();
  }

  /** Where the next event will be. */
  get position(): number {
    return this.#next;
  }

  /** The events from a position on, or undefined when some of them are no longer held. */
  since(position: number): Change[] | undefined {
    if (position < this.#first) return undefined;
    const count = this.#next - position;
    return Array.from(
      { length: count },
      (_, index) => this.#entries[(position + index) % this.#size] as Entry,
    );
  }

  /** Tells every watcher to list again: history before `revision` is not what it was. */
  expire(revision: number): void {
    this.#next += 1;
    this.#first = this.#next;
    this.#floor = revision;
    this.#wake();
  }

  /** Everything in the snapshot, which must be of this moment, a bookmark, and what comes after. */
  watchFrom(snapshot: Snapshot, options: WatchOptions): AsyncGenerator<WatchEvent<Kind>> {
    return this.#watch(this.#next, options, snapshot);
  }

  /** What came after a version. @throws StatusError Expired when that is no longer, or not yet, known. */
  resume(version: string, latest: number, options: WatchOptions): AsyncGenerator<WatchEvent<Kind>> {
    const revision = /^\d{1,15}$/.test(version) ? Number(version) : Number.NaN;
    if (!(revision >= this.#floor && revision <= latest))
      throw expired(`version ${version} is not among those remembered`);
    return this.#watch(this.#positionAfter(revision), options);
  }

  async *#watch(
    from: number,
    options: WatchOptions,
    snapshot?: Snapshot,
  ): AsyncGenerator<WatchEvent<Kind>, void> {
    if (snapshot) yield* beginning(snapshot, options);
    let quiet = 0;
    for (let position = from; !options.signal.aborted; ) {
      if (position < this.#first) throw expired('events came faster than they were read');
      if (position === this.#next) {
        await this.#appended(options.signal);
        continue;
      }
      const entry = this.#entries[position++ % this.#size] as Entry;
      const event = present(entry, options);
      quiet = event ? 0 : quiet + 1;
      if (event) yield event;
      else if (quiet % BOOKMARK_EVERY === 0) yield bookmark(entry.revision);
    }
  }

  /** Binary search for the first event after `revision`. */
  #positionAfter(revision: number): number {
    let [low, high] = [this.#first, this.#next];
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if ((this.#entries[middle % this.#size]?.revision ?? 0) <= revision) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #appended(signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const done = () => {
      this.#waiting.delete(done);
      signal.removeEventListener('abort', done);
      resolve();
    };
    this.#waiting.add(done);
    signal.addEventListener('abort', done);
    return promise;
  }

  #wake(): void {
    for (const done of [...this.#waiting]) done();
  }
}

function* beginning({ objects, revision }: Snapshot, options: WatchOptions): Generator<WatchEvent<Kind>> {
  for (const object of objects) {
    if (options.signal.aborted) return;
    if (isListed(object.metadata, options)) yield event('ADDED', object);
  }
  yield bookmark(revision);
}

/** How one watcher sees a change: an object that stops matching its selector is gone for it. */
function present({ type, object, before }: Change, options: WatchOptions): WatchEvent<Kind> | undefined {
  if (!inScope(object.metadata, options)) return undefined;
  const was = type !== 'ADDED' && isSelected(before, options);
  const is = type !== 'DELETED' && isSelected(object.metadata.labels, options);
  if (!was && !is) return undefined;
  return event(was && is ? 'MODIFIED' : is ? 'ADDED' : 'DELETED', object);
}

function event(type: Change['type'], object: ApiObject): WatchEvent<Kind> {
  return { type, object } as WatchEvent<Kind>;
}

function bookmark(revision: number): WatchEvent<Kind> {
  return { type: 'BOOKMARK', resourceVersion: String(revision) };
}

function expired(message: string): StatusError {
  return new StatusError('Expired', `${message}; list again and watch from there`);
}
