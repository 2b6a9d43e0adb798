import { setTimeout as sleep } from 'node:timers/promises';
import { KINDS, type Kind } from '../../../api/kinds.ts';
import { deepEqual } from '../../../api/meta/merge-patch.ts';
import type { ApiObject, ObjectKey } from '../../../api/meta/object.ts';
import type { Clock } from '../../../controllers/ports/clock.ts';
import type { Logger } from '../../../controllers/ports/logger.ts';
import type { ListOptions } from '../../../controllers/ports/store.ts';
import { ensureDirectory } from './durable-file.ts';
import { Edits } from './edits.ts';
import { FileLock } from './file-lock.ts';
import type { FileSystem } from './file-system.ts';
import { Layout } from './layout.ts';
import { EditedMeanwhile } from './manifest-commit.ts';
import type { Mutation } from './mutations.ts';
import { ObjectFiles } from './object-files.ts';
import { listKeys } from './object-lister.ts';
import { ObjectWriter, type State, type Write } from './object-writer.ts';
import type { ProcessIdentity } from './process-identity.ts';
import { revisionOf, storedStatus } from './records.ts';
import { Revisions } from './revisions.ts';
import { Settler } from './settler.ts';

export interface StateDirectoryComponents {
  clock: Clock;
  logger: Logger;
  fileSystem: FileSystem;
  process: ProcessIdentity;
}

export interface StateDirectoryInit {
  directory: string;
  /** How long a write waits for another process. Default: 10 s. */
  lockTimeoutMilliseconds?: number;
}

/** What a request makes of an object; see mutations.ts. Asked again when the object has changed meanwhile. */
export type Decide = (current: ApiObject | undefined) => Mutation | undefined;

export interface ChangeOptions {
  dryRun?: boolean | undefined;
  /** `manifest`: the spec, and its manifest anew where that is missing or invalid. */
  target: 'spec' | 'manifest' | 'status';
}

/** A manifest that is still being written is not read before it has rested so long. */
const QUIET_MS = 50;

/** One that never rests is read all the same, after a second. */
const MAX_WAITS = 20;

/** The objects of a state directory, whoever else reads and writes there. */
export class StateDirectory {
  readonly layout: Layout;
  /** Called under the lock after each change, with the lock's nonce. */
  readonly listeners = new Set<(lock: string) => void>();
  readonly revisions: Revisions;
  readonly #components: StateDirectoryComponents;
  readonly #files: ObjectFiles;
  readonly #writer: ObjectWriter;
  readonly #settler: Settler;
  readonly #lock: FileLock;
  /** Writers of this process wait here, and only one of them for the other processes. */
  #queue: Promise<unknown> = Promise.resolve();

  constructor(components: StateDirectoryComponents, init: StateDirectoryInit) {
    const { process } = components;
    const layout = new Layout(init);
    const parts = { ...components, files: new ObjectFiles(components, { layout }) };
    const lock = new FileLock(parts, {
      path: layout.lock,
      timeoutMilliseconds: init.lockTimeoutMilliseconds,
    });
    const highest = () => this.#highest();
    const revisions = new Revisions({ ...parts, lock }, { layout, boot: process.bootID, highest });
    const writer = new ObjectWriter({ ...parts, revisions }, { layout });
    const edits = new Edits({ ...parts, writer });
    this.layout = layout;
    this.revisions = revisions;
    this.#components = components;
    this.#files = parts.files;
    this.#writer = writer;
    this.#settler = new Settler({ ...parts, writer, edits }, { layout });
    this.#lock = lock;
  }

  keys(kind: Kind, scope?: Pick<ListOptions, 'owner' | 'namespace'>): ObjectKey<Kind>[] {
    return listKeys(this.#components.fileSystem, this.layout, kind, scope);
  }

  /** The object as its files say now; an edit of its manifest is absorbed first. */
  async load(key: ObjectKey<Kind>): Promise<ApiObject | undefined> {
    const reading = this.#files.read(key);
    if (reading.state !== 'unsettled') return reading.object;
    try {
      return await this.#whenSettled(key, async (_, state) => state.object);
    } catch (error) {
      const stored = this.#files.stored(key);
      if (!stored) throw error;
      this.#components.logger.warn('could not absorb an edit', { name: key.name, error: String(error) });
      return stored;
    }
  }

  /** The object as it was last written. */
  stored(key: ObjectKey<Kind>): ApiObject | undefined {
    return this.#files.stored(key);
  }

  /** Writes what `decide` makes of the object, unless that is nothing new. */
  async change(key: ObjectKey<Kind>, decide: Decide, options: ChangeOptions): Promise<Mutation | undefined> {
    const reading = this.#files.read(key);
    if (reading.state !== 'unsettled') {
      const plan = this.#plan(key, reading, decide, options);
      if (!plan.writes) return plan.mutation;
    }
    return this.#whenSettled(key, async (lock, before) => {
      const { mutation, writes, restore } = this.#plan(key, before, decide, options);
      if (!mutation || !writes) return mutation;
      const write: Write = { lock, key, before, restore };
      const object =
        options.target === 'status' && before.state === 'settled'
          ? await this.#writer.commitStatus(write, before, mutation.object)
          : await this.#writer.commit(write, mutation);
      return { ...mutation, object };
    });
  }

  /** Absorbs an edit of a manifest that may have happened, even one that its stat does not show. */
  async examine(key: ObjectKey<Kind>): Promise<void> {
    if (!this.#files.isManifestKnown(key)) await this.#whenSettled(key, async () => undefined, true);
  }

  #plan(
    key: ObjectKey<Kind>,
    state: State,
    decide: Decide,
    { target, dryRun }: ChangeOptions,
  ): { mutation?: Mutation | undefined; writes: boolean; restore: boolean } {
    const decided = decide(state.object);
    const restore = target === 'manifest' && this.#needsManifest(key, state);
    const mutation = decided && settleOperation(decided, state, target, restore);
    const writes = mutation !== undefined && mutation.operation !== 'unchanged' && !dryRun;
    return { mutation, writes, restore };
  }

  #needsManifest(key: ObjectKey<Kind>, state: State): boolean {
    const { manifest } = this.layout.paths(key);
    if (state.state === 'absent' || manifest === undefined) return false;
    return state.record.problem !== undefined || !this.#components.fileSystem.stat(manifest);
  }

  async #whenSettled<T>(
    key: ObjectKey<Kind>,
    work: (lock: string, state: State) => Promise<T>,
    suspect = false,
  ): Promise<T> {
    for (let waits = 0; waits < MAX_WAITS; waits++) {
      const done = await this.#exclusive(async (lock) => {
        if (this.#files.isManifestFresh(key, QUIET_MS)) return undefined;
        return this.#attempt(async () => work(lock, await this.#settler.settle({ key, lock }, suspect)));
      });
      if (done) return done.value;
      await sleep(QUIET_MS);
    }
    return this.#exclusive(async (lock) => work(lock, await this.#settler.settle({ key, lock }, suspect)));
  }

  /** Undefined when it must be tried again. */
  async #attempt<T>(work: () => Promise<T>): Promise<{ value: T } | undefined> {
    try {
      return { value: await work() };
    } catch (error) {
      if (error instanceof EditedMeanwhile) return undefined;
      throw error;
    }
  }

  #exclusive<T>(work: (lock: string) => Promise<T>): Promise<T> {
    const turn = this.#queue.then(() => this.#locked(work));
    this.#queue = turn.catch(() => undefined); // Its own caller is told; the next in the queue need not know.
    return turn;
  }

  async #locked<T>(work: (lock: string) => Promise<T>): Promise<T> {
    await ensureDirectory(this.#components.fileSystem, this.layout.directory);
    const held = await this.#lock.acquire();
    try {
      return await work(held.nonce);
    } finally {
      for (const listener of this.listeners) listener(held.nonce);
      held.release();
    }
  }

  #highest(): number {
    const keys = KINDS.flatMap(({ kind }) => this.keys(kind));
    return keys.reduce((highest, key) => {
      const object = this.#files.stored(key);
      return object ? Math.max(highest, revisionOf(object)) : highest;
    }, 0);
  }
}

/** The operation as it is for the files: `Parsed` is not stored, and a manifest may be missing. */
function settleOperation(
  { operation, object }: Mutation,
  state: State,
  target: ChangeOptions['target'],
  restore: boolean,
): Mutation {
  if (target === 'status' && state.state === 'settled')
    return deepEqual(storedStatus(object), state.status?.status)
      ? { operation: 'unchanged', object: state.object }
      : { operation, object };
  return { operation: operation === 'unchanged' && restore ? 'configured' : operation, object };
}
