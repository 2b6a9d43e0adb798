import type { ApiObject } from '../../../api/meta/object.ts';
import { Reason } from '../../../api/v1alpha1/reasons.ts';
import type { Clock } from '../../../controllers/ports/clock.ts';
import type { Logger } from '../../../controllers/ports/logger.ts';
import { removeFile } from './durable-file.ts';
import type { FileStat, FileSystem } from './file-system.ts';
import { isEphemeral, type Layout } from './layout.ts';
import { isDecided, stampOf } from './manifest-commit.ts';
import { type ManifestFile, parseManifest, summarize } from './manifest-file.ts';
import { deleteObject, revise } from './mutations.ts';
import type { MachineFile, ObjectFiles } from './object-files.ts';
import { type ObjectWriter, type Settled, type State, settled, type Write } from './object-writer.ts';
import { quarantine } from './quarantine.ts';
import { rebuild } from './rebuild.ts';
import {
  belongTogether,
  isVersion,
  type ObjectRecord,
  type Problem,
  type Stamp,
  type StatusRecord,
} from './records.ts';

export interface SettlerComponents {
  fileSystem: FileSystem;
  clock: Clock;
  logger: Logger;
  files: ObjectFiles;
  writer: ObjectWriter;
}

/** The object to settle, and the nonce of the lock that is held. */
export type Place = Pick<Write, 'key' | 'lock'>;

/** A machine's file once damage has been set aside. */
interface Checked<T> {
  content: T | undefined;
  /** What happened to it, for a person. */
  damage: string | undefined;
}

/** api/yaml refuses what is longer; more of it need not be read to say so. */
const MAX_MANIFEST_BYTES = 16 * 1024 * 1024 + 1;

/**
 * Brings the files of one object to agree, under the lock: finishes or voids what a crash cut off,
 * absorbs what a person edited, sets aside what is damaged and rebuilds it from what is left.
 */
export class Settler {
  readonly #components: SettlerComponents;
  readonly #layout: Layout;
  /** Invalid manifests without an object that have been logged, by path. */
  readonly #reported = new Map<string, string>();

  constructor(components: SettlerComponents, { layout }: { layout: Layout }) {
    this.#components = components;
    this.#layout = layout;
  }

  /** `suspect`: read the manifest also where its stat has not changed. */
  async settle(place: Place, suspect = false): Promise<State> {
    const { files, fileSystem } = this.#components;
    const paths = this.#layout.paths(place.key);
    const reading = files.read(place.key);
    if (reading.state !== 'unsettled' && !suspect && !fileSystem.stat(paths.next)) return reading;
    const stored = await this.#check(paths.record, files.record(paths.record));
    const status = await this.#check(paths.status, files.status(place.key));
    const record = await this.#finish(place, stored.content, status.content);
    if (!record) return this.#adopt(place, stored.damage, status.content);
    if (record.object.metadata.deletionTimestamp === undefined && paths.manifest) {
      const stat = fileSystem.stat(paths.manifest);
      if (!stat) return this.#miss(place, paths.manifest, settled(record, status.content));
      const linked = await this.#link(place, record, status);
      return this.#compare(place, linked, paths.manifest, stat);
    }
    return this.#link(place, record, status);
  }

  /** Sets a damaged file aside. */
  async #check<T>(path: string, file: MachineFile<T>): Promise<Checked<T>> {
    if (file === 'absent') return { content: undefined, damage: undefined };
    if (file !== 'damaged') return { content: file, damage: undefined };
    const { fileSystem, logger } = this.#components;
    const aside = await quarantine(fileSystem, this.#layout, path);
    logger.error('set a damaged file aside', { file: path, quarantine: aside });
    return { content: undefined, damage: `${path} was damaged and is now ${aside}` };
  }

  /** Completes a write that was cut off after it was decided; voids one that was not. */
  async #finish(
    { key, lock }: Place,
    record: ObjectRecord | undefined,
    status: StatusRecord | undefined,
  ): Promise<ObjectRecord | undefined> {
    const { fileSystem, files, writer } = this.#components;
    const { manifest, next: path } = this.#layout.paths(key);
    const next = files.record(path);
    if (next === 'absent') return record;
    const before: State = record ? settled(record, status) : { state: 'absent' };
    const decided = next !== 'damaged' && manifest !== undefined && isDecided(fileSystem, manifest, next);
    const finished = decided ? await writer.put({ key, lock, before }, next) : undefined;
    removeFile(fileSystem, path);
    return finished?.record ?? record;
  }

  /** There is no record: makes one of the manifest, if there is one. */
  async #adopt(place: Place, damage: string | undefined, status: StatusRecord | undefined): Promise<State> {
    const { fileSystem, clock, writer } = this.#components;
    const { manifest: path, status: statusPath } = this.#layout.paths(place.key);
    const stat = path === undefined ? undefined : fileSystem.stat(path);
    const absent: State = { state: 'absent', invalid: stat };
    const lost = damage !== undefined && (!stat || !status);
    if (lost) await writer.announce({ ...place, before: absent }, 'RESET');
    if (path === undefined || !stat) {
      removeFile(fileSystem, statusPath);
      return absent;
    }
    const { file, stamp } = await this.#read(place, path, stat);
    if (!file.ok) return this.#report(path, stamp, file, absent);
    const now = new Date(clock.now());
    const object = rebuild(place.key, file.manifest, status?.identity, now);
    const why = damage ?? (status && `${this.#layout.paths(place.key).record} was lost`);
    const problem = why === undefined ? undefined : this.#problem(Reason.Error, `${why}; rebuilt from ${path}`);
    const before: State = status ? settled({ object, statusRevision: 0 }, status) : absent;
    return writer.put({ ...place, before }, { object, manifest: stamp, problem });
  }

  /** The manifest is not there: a delete, or an editor about to put a new one in place. */
  async #miss(place: Place, path: string, before: Settled): Promise<State> {
    const { files, clock, writer } = this.#components;
    const mutation = files.isRemoved(path)
      ? deleteObject(before.object, {}, { now: new Date(clock.now()) })
      : undefined;
    return mutation ? writer.commit({ ...place, before }, mutation) : before;
  }

  /** Makes record and status know one another again after one of them was lost. */
  async #link(place: Place, record: ObjectRecord, status: Checked<StatusRecord>): Promise<Settled> {
    const before = settled(record, status.content);
    if (!status.damage && belongTogether(record, status.content)) return before;
    const path = this.#layout.paths(place.key).status;
    const why = status.damage ?? `${path} ${status.content ? 'is not the last one written' : 'was lost'}`;
    const problem = isEphemeral(place.key.kind)
      ? undefined
      : this.#problem(Reason.Error, `${why}; the status is being observed anew`);
    return this.#components.writer.put({ ...place, before }, { ...record, problem });
  }

  /** Absorbs an edit of the manifest. */
  async #compare(place: Place, before: Settled, path: string, stat: FileStat): Promise<State> {
    const { record } = before;
    const { stamp, file } = await this.#read(place, path, stat, record.manifest);
    const touch = async (): Promise<State> => {
      if (isVersion(record.manifest, stat)) return before;
      return settled(await this.#components.writer.writeRecord(place.key, { ...record, manifest: stamp }), before.status);
    };
    if (!file) return touch();
    const problem = file.ok ? undefined : this.#problem(Reason.InvalidManifest, await summarize(file.errors), record);
    const object = file.ok ? edited(record.object, file) : record.object;
    if (object === record.object && problem?.message === record.problem?.message) return touch();
    return this.#components.writer.put({ ...place, before }, { object, manifest: stamp, problem });
  }

  /** What a manifest says; no `file` when it says the same as the version known. */
  async #read(
    { key }: Place,
    path: string,
    stat: FileStat,
    known?: Stamp,
  ): Promise<{ stamp: Stamp; file?: ManifestFile }> {
    const text = this.#components.fileSystem.readBytes(path, 0, MAX_MANIFEST_BYTES).toString();
    const stamp = stampOf(stat, text);
    if (stamp.hash === known?.hash) return { stamp };
    return { stamp, file: await parseManifest(text, path, key) };
  }
}
