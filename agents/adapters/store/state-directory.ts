import { setTimeout as sleep } from 'node:timers/promises';
import { KINDS, type Kind } from '../../../api/kinds.ts';
import type { ApiObject, ObjectKey } from '../../../api/meta/object.ts';
import type { Clock } from '../../../controllers/ports/clock.ts';
import type { Logger } from '../../../controllers/ports/logger.ts';
import type { ListOptions } from '../../../controllers/ports/store.ts';
import { type ChangeOptions, type Decide, planChange } from './change-plan.ts';
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
import { revisionOf } from './records.ts';
import { Revisions } from './revisions.ts';
import { Settler } from './settler.ts';
import { Turns } from './turns.ts';

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
  /** How long after its start a watch begins to notice what people edit, which takes time of the CPU. Default: 0. */
  editsAfterMilliseconds?: number;
}

/** A manifest that is still being written is not read before it has rested so long. */
const QUIET_MS = 50;

/** One that never rests is read all the same, after a second. */
const MAX_WAITS = 20;

/** The objects of a state directory, whoever else reads and writes there. */
export class StateDirectory {
  readonly layout: Layout;
  readonly revisions: Revisions;
  readonly turns: Turns;
  readonly editsAfterMilliseconds: number;
  readonly #components: StateDirectoryComponents;
  readonly #files: ObjectFiles;
  readonly #writer: ObjectWriter;
  readonly #settler: Settler;

  constructor(components: StateDirectoryComponents, init: StateDirectoryInit) {
    const layout = new Layout(init);
    const { lock: path } = layout;
    const lock = new FileLock(components, { path, timeoutMilliseconds: init.lockTimeoutMilliseconds });
    const files = new ObjectFiles(components, { layout });
    const boot = components.process.bootID;
    const highest = () => this.#highest();
    const revisions = new Revisions({ ...components, lock }, { layout, boot, highest });
    const writer = new ObjectWriter({ ...components, revisions }, { layout });
    const edits = new Edits({ ...components, files, writer });
    this.layout = layout;
    this.editsAfterMilliseconds = init.editsAfterMilliseconds ?? 0;
    this.revisions = revisions;
    this.turns = new Turns({ ...components, lock });
    this.#components = components;
    this.#files = files;
    this.#writer = writer;
    this.#settler = new Settler({ ...components, files, writer, edits }, { layout });
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
      const { writes, mutation } = planChange(reading, decide, options, this.#isUnwell(key, reading));
      if (!writes) return mutation;
    }
    return this.#whenSettled(key, async (lock, before) => {
      const plan = planChange(before, decide, options, this.#isUnwell(key, before));
      const { mutation, writes, restore } = plan;
      if (!mutation || !writes) return mutation;
      const object = await this.#write({ lock, key, before, restore }, mutation, options);
      return { ...mutation, object };
    });
  }

  /** Absorbs an edit of a manifest that may have happened, even one that its stat does not show. */
  async examine(key: ObjectKey<Kind>): Promise<void> {
    if (!this.#files.isManifestKnown(key)) await this.#whenSettled(key, async () => undefined, true);
  }

  async #write(write: Write, mutation: Mutation, { target }: ChangeOptions): Promise<ApiObject> {
    const { before } = write;
    if (target === 'status' && before.state === 'settled')
      return (await this.#writer.commitStatus(write, before, mutation.object)).object;
    const object = await this.#writer.commit(write, mutation);
    // Somebody may have put a manifest there while the object was going: the next object of that name.
    if (mutation.operation === 'deleted') await this.#settler.settle(write);
    return object;
  }

  #isUnwell(key: ObjectKey<Kind>, state: State): boolean {
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
      const done = await this.turns.take(async (lock) => {
        if (this.#files.isManifestFresh(key, QUIET_MS)) return undefined;
        return this.#attempt(async () => work(lock, await this.#settler.settle({ key, lock }, suspect)));
      });
      if (done) return done.value;
      await sleep(QUIET_MS);
    }
    return this.turns.take(async (lock) => work(lock, await this.#settler.settle({ key, lock }, suspect)));
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

  #highest(): number {
    const keys = KINDS.flatMap(({ kind }) => this.keys(kind));
    return keys.reduce((highest, key) => {
      const object = this.#files.stored(key);
      return object ? Math.max(highest, revisionOf(object)) : highest;
    }, 0);
  }
}
