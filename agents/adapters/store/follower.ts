import { formatKey } from '../../../api/meta/object.ts';
import type { Clock } from '../../../controllers/ports/clock.ts';
import type { Logger } from '../../../controllers/ports/logger.ts';
import { ensureDirectory } from './durable-file.ts';
import type { Feed } from './feed.ts';
import type { FileSystem } from './file-system.ts';
import { type Hints, watchBusy, watchEdits } from './hints.ts';
import { loadAll } from './later.ts';
import { isEphemeral, keyOfManifest } from './layout.ts';
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

/**
 * Most commands that watch are over sooner than a person can edit a file, or busy with what a person waits for; in
 * milliseconds.
 */
const EDITS_AFTER_MS = 250;

/** From a start to the stop that ends it. */
interface Run {
  busy: Hints | undefined;
  /** Never rejects. */
  edits?: Promise<Hints | undefined>;
}

/** Keeps one kind's feed up to date for as long as anyone watches. */
export class Follower {
  readonly #components: FollowerComponents;
  readonly #feed: Feed;
  readonly #timers = new Set<NodeJS.Timeout>();
  /** Undefined while nobody watches. */
  #run: Run | undefined;
  #isLookDue = false;
  #cancelResync: () => void = () => undefined;

  constructor(components: FollowerComponents, { feed }: { feed: Feed }) {
    this.#components = components;
    this.#feed = feed;
  }

  start(): void {
    const run: Run = { busy: this.#watchWrites() };
    this.#run = run;
    this.#later(EDITS_AFTER_MS, () => {
      run.edits = this.#watchEdits(run);
    });
  }

  async stop(): Promise<void> {
    this.#cancelResync();
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    this.#isLookDue = false;
    const run = this.#run;
    this.#run = undefined;
    run?.busy?.close();
    await (await run?.edits)?.close();
  }

  /** A write begins with a line in the journal, and is done when the lock is gone. */
  #watchWrites(): Hints | undefined {
    const { journal, lock } = this.#components.directory.layout;
    const onError = (error: unknown) => this.#warn('a file watcher failed', error);
    return watchBusy([journal, lock], { onChange: () => this.look(), onError });
  }

  async #watchEdits(run: Run): Promise<Hints | undefined> {
    // A watch goes on: what it has not loaded by the next update may not be there any more.
    loadAll().catch((error) => this.#warn('a part of the program could not be loaded', error));
    try {
      return await watchEdits(await this.#editedPaths(run), {
        onChange: (path) => this.#onChange(path),
        onReady: () => this.#resync(run),
        onError: (error) => this.#warn('a file watcher failed', error),
      });
    } catch (error) {
      this.#warn('files could not be watched', error);
      this.#resync(run);
      return undefined;
    }
  }

  /** With what could not be watched at the start, as it was not there. */
  async #editedPaths({ busy }: Run): Promise<string[]> {
    const { directory, fileSystem } = this.#components;
    const { layout } = directory;
    const { kind } = this.#feed;
    const paths = busy ? [] : [layout.journal, layout.lock];
    if (isEphemeral(kind)) return paths;
    const manifests = layout.root('manifests', kind);
    // Where it is missing, chokidar watches the directory above it, in which every write of every kind leaves its
    // traces. That costs time only, so that one who may not write watches all the same.
    await ensureDirectory(fileSystem, manifests).catch(() => undefined);
    return [...paths, manifests];
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

  #onChange(path: string): void {
    const { journal, lock } = this.#components.directory.layout;
    if (path === journal || path === lock) this.look();
    else this.#onManifest(path);
  }

  #onManifest(path: string): void {
    this.#examine(path);
    // If it is gone now, it is deleted once it has stayed away.
    if (!this.#components.fileSystem.stat(path)) this.#later(ABSENCE_MS + 20, () => this.#examine(path));
  }

  #examine(path: string): void {
    const { directory } = this.#components;
    const key = keyOfManifest(directory.layout, this.#feed.kind, path);
    if (key) directory.examine(key).catch((error) => this.#warn('could not absorb an edit', error));
  }

  /** Now, and again and again until the run is stopped. */
  #resync(run: Run): void {
    if (this.#run !== run) return;
    this.#lookAtAll()
      .catch((error) => this.#warn('could not look at all objects', error))
      .then((isDone = true) => {
        if (this.#run !== run) return;
        const wait = isDone ? RESYNC_MS : RETRY_MS;
        this.#cancelResync = this.#components.clock.after(wait, () => this.#resync(run));
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
    if (this.#isLookDue || !this.#run) return;
    this.#isLookDue = true;
    this.#later(milliseconds, () => {
      this.#isLookDue = false;
      this.look();
    });
  }

  #later(milliseconds: number, work: () => void): void {
    if (!this.#run) return;
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
