import { formatKey } from '../../../api/meta/object.ts';
import type { Clock } from '../../../controllers/ports/clock.ts';
import type { Logger } from '../../../controllers/ports/logger.ts';
import type { Feed } from './feed.ts';
import type { FileSystem } from './file-system.ts';
import { Hints } from './hints.ts';
import { keyOfManifest } from './layout.ts';
import { ABSENCE_MS } from './object-files.ts';
import { revisionOf } from './records.ts';
import { inSlices } from './slices.ts';
import type { StateDirectory } from './state-directory.ts';
import { sweep } from './sweep.ts';

export interface FollowerComponents {
  clock: Clock;
  logger: Logger;
  fileSystem: FileSystem;
  directory: StateDirectory;
}

/** What hints miss is found so often: a look at every file, 0.4 s of work for 10,000 objects. */
const RESYNC_MS = 30_000;

/** A write under way takes milliseconds. */
const POLL_AGAIN_MS = 5;

/** When something kept us from looking. */
const RETRY_MS = 200;

/** Keeps one kind's feed up to date for as long as anyone watches. */
export class Follower {
  readonly #components: FollowerComponents;
  readonly #feed: Feed;
  readonly #timers = new Set<NodeJS.Timeout>();
  /** Undefined while nobody watches. */
  #hints: Hints | undefined;
  #isLookDue = false;
  #cancelResync: () => void = () => undefined;

  constructor(components: FollowerComponents, { feed }: { feed: Feed }) {
    this.#components = components;
    this.#feed = feed;
  }

  start(): void {
    const { directory } = this.#components;
    const hints: Hints = new Hints(this.#components, {
      layout: directory.layout,
      kind: this.#feed.kind,
      editsAfterMilliseconds: directory.editsAfterMilliseconds,
      onWrite: () => this.look(),
      onEdit: (path) => this.#onEdit(path),
      onReady: () => this.#resync(hints),
    });
    this.#hints = hints;
    hints.start();
  }

  async stop(): Promise<void> {
    this.#cancelResync();
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    this.#isLookDue = false;
    const hints = this.#hints;
    this.#hints = undefined;
    await hints?.stop();
  }

  /** Tells watchers what is new. `own`: nonce of the lock that this process holds. */
  look(own?: string): void {
    try {
      if (this.#feed.poll(own)) this.#lookAgain(POLL_AGAIN_MS);
    } catch (error) {
      this.#warn('could not read what was written', error);
      this.#lookAgain(RETRY_MS);
    }
  }

  #onEdit(path: string): void {
    this.#examine(path);
    // If it is gone now, it is deleted once it has stayed away.
    if (!this.#components.fileSystem.stat(path)) this.#later(ABSENCE_MS + 20, () => this.#examine(path));
  }

  #examine(path: string): void {
    const { directory } = this.#components;
    const key = keyOfManifest(directory.layout, this.#feed.kind, path);
    if (key) directory.examine(key).catch((error) => this.#warn('could not absorb an edit', error));
  }

  /** Now, and again and again until what these hints belong to is stopped. */
  #resync(hints: Hints): void {
    if (this.#hints !== hints) return;
    this.#lookAtAll()
      .catch((error) => this.#warn('could not look at all objects', error))
      .then((isDone = true) => {
        if (this.#hints !== hints) return;
        const wait = isDone ? RESYNC_MS : RETRY_MS;
        this.#cancelResync = this.#components.clock.after(wait, () => this.#resync(hints));
      });
  }

  /** False where a write that was under way hid what there is. */
  async #lookAtAll(): Promise<boolean> {
    const { directory, fileSystem } = this.#components;
    const { kind } = this.#feed;
    sweep(fileSystem, directory.layout, kind);
    const found = new Map<string, number>();
    for await (const key of inSlices(directory.keys(kind))) {
      const object = await directory.load(key);
      if (object) found.set(formatKey(key), revisionOf(object));
    }
    this.look();
    return this.#feed.compare(found);
  }

  /** Once, however many changes are told meanwhile: a burst of them must not become a burst of looks. */
  #lookAgain(milliseconds: number): void {
    if (this.#isLookDue || !this.#hints) return;
    this.#isLookDue = true;
    this.#later(milliseconds, () => {
      this.#isLookDue = false;
      this.look();
    });
  }

  #later(milliseconds: number, work: () => void): void {
    if (!this.#hints) return;
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      work();
    }, milliseconds);
    this.#timers.add(timer.unref());
  }

  #warn(message: string, error: unknown): void {
    this.#components.logger.warn(message, { kind: this.#feed.kind, error: String(error) });
  }
}
