import { dirname } from 'node:path';
import { Reason } from '../../../api/v1alpha1/reasons.ts';
import type { Logger } from '../../../controllers/ports/logger.ts';
import { removeFile, syncAll } from './durable-file.ts';
import type { Edits, Target } from './edits.ts';
import type { FileSystem } from './file-system.ts';
import { isEphemeral, type Layout } from './layout.ts';
import { isDecided } from './manifest-commit.ts';
import type { MachineFile, ObjectFiles } from './object-files.ts';
import { type ObjectWriter, type Settled, type State, settled } from './object-writer.ts';
import { quarantine } from './quarantine.ts';
import { belongTogether, isGone, latestStatus, type ObjectRecord, type StatusRecord } from './records.ts';

export interface SettlerComponents {
  fileSystem: FileSystem;
  logger: Logger;
  files: ObjectFiles;
  writer: ObjectWriter;
  edits: Edits;
}

/** A machine's file once damage has been set aside. */
interface Checked<T> {
  content?: T;
  /** What happened to it, for a person. */
  damage?: string;
}

/**
 * Brings the files of one object to agree, under the lock: sets aside what is damaged, finishes or
 * voids what a crash cut off, and absorbs what a person edited.
 */
export class Settler {
  readonly #components: SettlerComponents;
  readonly #layout: Layout;

  constructor(components: SettlerComponents, { layout }: { layout: Layout }) {
    this.#components = components;
    this.#layout = layout;
  }

  /** `suspect`: read the manifest even if its stat has not changed. */
  async settle(target: Target, suspect = false): Promise<State> {
    const { files, fileSystem } = this.#components;
    const paths = this.#layout.paths(target.key);
    const reading = files.read(target.key);
    if (reading.state === 'absent') await this.#removeOrphan(paths.status);
    if (reading.state !== 'unsettled' && !suspect && !fileSystem.stat(paths.next)) return reading;
    const stored = await this.#check(paths.record, files.record(paths.record), 'error');
    // A power loss may tear one: nobody need see to that.
    const status = await this.#check(paths.status, files.status(target.key), 'warn');
    const record = await this.#finish(target, stored.content, status.content);
    return record ? this.#reconcile(target, record, status) : this.#restore(target, stored.damage, status);
  }

  async #check<T>(path: string, file: MachineFile<T>, level: 'error' | 'warn'): Promise<Checked<T>> {
    if (file === 'absent') return {};
    if (file !== 'damaged') return { content: file };
    const { fileSystem, logger } = this.#components;
    const aside = await quarantine(fileSystem, this.#layout, path);
    logger[level]('set a damaged file aside', { file: path, quarantine: aside });
    return { damage: `${path} was damaged and is now ${aside}` };
  }

  /** A write that was cut off: done if its manifest is in place, and void if not. */
  async #finish(
    { key, lock }: Target,
    record: ObjectRecord | undefined,
    status: StatusRecord | undefined,
  ): Promise<ObjectRecord | undefined> {
    const { fileSystem, files, writer } = this.#components;
    const { manifest, next: path } = this.#layout.paths(key);
    const next = files.record(path);
    if (next === 'absent') return record;
    const isDone = next !== 'damaged' && manifest !== undefined && isDecided(fileSystem, manifest, next);
    // A status that was written after the record is there even if the record's own name did not survive.
    const known = record ?? (isDone && status ? next : undefined);
    const before: State = known
      ? settled(known, isDone ? latestStatus(next, status) : status)
      : { state: 'absent' };
    const done = isDone ? await writer.put({ key, lock, before }, next) : undefined;
    removeFile(fileSystem, path);
    return done?.record ?? record;
  }

  async #reconcile(target: Target, record: ObjectRecord, status: Checked<StatusRecord>): Promise<State> {
    const { manifest: path } = this.#layout.paths(target.key);
    if (isGone(record.object)) return this.#bury(target, settled(record, status.content));
    if (path === undefined || record.object.metadata.deletionTimestamp !== undefined)
      return this.#link(target, record, status);
    const { edits, fileSystem } = this.#components;
    const stat = fileSystem.stat(path);
    if (!stat) return edits.miss(target, path, settled(record, status.content));
    return edits.absorb(target, await this.#link(target, record, status), { path, stat });
  }

  /** Finishes a delete that was cut off after it was decided. */
  async #bury(target: Target, before: Settled): Promise<State> {
    await this.#components.writer.commit(
      { ...target, before },
      { operation: 'deleted', object: before.object },
    );
    return { state: 'absent' };
  }

  /** Makes record and status know one another again after one of them was lost, or an old one came back. */
  async #link(
    target: Target,
    record: ObjectRecord,
    { content, damage }: Checked<StatusRecord>,
  ): Promise<Settled> {
    const { edits, writer } = this.#components;
    const before = settled(record, content);
    const isLost = damage !== undefined || before.status !== content;
    if (isLost) return writer.commitStatus({ ...target, before }, before, before.object);
    if (belongTogether(record, content)) return before;
    const why = `${this.#layout.paths(target.key).record} is an old one`;
    // Of kinds that are not synced, a power loss may leave one.
    const problem = isEphemeral(target.key.kind) ? undefined : edits.problem(Reason.Error, why);
    return writer.put({ ...target, before }, { ...record, problem });
  }

  /** Without a record: what the manifest says is an object; a status alone is nothing. */
  async #restore(target: Target, damage: string | undefined, status: Checked<StatusRecord>): Promise<State> {
    const { edits, fileSystem, writer } = this.#components;
    const paths = this.#layout.paths(target.key);
    const stat = paths.manifest === undefined ? undefined : fileSystem.stat(paths.manifest);
    // Watchers know an object that nothing can tell them the end of.
    if (damage && !(stat && status.content))
      await writer.announce({ ...target, before: { state: 'absent' } }, 'RESET');
    if (paths.manifest !== undefined && stat) {
      const why = damage ?? (status.content && `${paths.record} was lost`);
      return edits.adopt(target, { path: paths.manifest, stat }, { why, status: status.content });
    }
    await this.#removeOrphan(paths.status);
    return { state: 'absent' };
  }

  /** A delete was cut off before its last step; the next object of the name must not get this status. */
  async #removeOrphan(path: string): Promise<void> {
    const { fileSystem } = this.#components;
    if (fileSystem.stat(path) && removeFile(fileSystem, path)) await syncAll(fileSystem, [dirname(path)]);
  }
}
