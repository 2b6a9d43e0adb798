import { dirname } from 'node:path';
import type { Kind } from '../../../api/kinds.ts';
import { deepEqual } from '../../../api/meta/merge-patch.ts';
import { type ApiObject, formatKey, type ObjectKey } from '../../../api/meta/object.ts';
import { Reason } from '../../../api/v1alpha1/reasons.ts';
import type { Logger } from '../../../controllers/ports/logger.ts';
import { encodeChecked } from './checked-json.ts';
import { ensureDirectory, removeFile, replaceFile, syncAll } from './durable-file.ts';
import type { FileSystem } from './file-system.ts';
import type { JournalEntry } from './journal.ts';
import { isEphemeral, type Layout } from './layout.ts';
import { commitManifest, type ManifestPaths } from './manifest-commit.ts';
import { formatManifest } from './manifest-file.ts';
import type { Mutation } from './mutations.ts';
import type { Reading } from './object-files.ts';
import { keepCopy } from './quarantine.ts';
import {
  assemble,
  type FileVersion,
  identityOf,
  isGone,
  latestStatus,
  type ObjectRecord,
  revisionOf,
  type StatusRecord,
  storedStatus,
} from './records.ts';
import type { Revisions } from './revisions.ts';

/** An object's files once nothing about them is in doubt. */
export type Settled = Extract<Reading, { state: 'settled' }>;
export type State =
  | Settled
  /** `invalid`: a manifest is there that cannot be read. */
  | { state: 'absent'; object?: undefined; invalid?: FileVersion | undefined };

/** A write that is to be made under the lock whose nonce is `lock`. */
export interface Write {
  lock: string;
  key: ObjectKey<Kind>;
  before: State;
  /** All is to be well afterwards: no problem left, and a manifest that says what is in force. */
  restore?: boolean;
}

export interface ObjectWriterComponents {
  fileSystem: FileSystem;
  revisions: Revisions;
  logger: Logger;
}

/** Brings mutations to disk. A crash at any point leaves the old object or the new one. */
export class ObjectWriter {
  readonly #components: ObjectWriterComponents;
  readonly #layout: Layout;

  constructor(components: ObjectWriterComponents, { layout }: { layout: Layout }) {
    this.#components = components;
    this.#layout = layout;
  }

  /** Writes a change of a program: to the record and, where it shows there, to the manifest. */
  async commit(write: Write, { operation, object }: Mutation): Promise<ApiObject> {
    const change = this.#manifestChange(write, object);
    const text = change === 'overwrite' ? await formatManifest(object) : undefined;
    if (change !== 'none') await this.#keepInvalid(write);
    const next = await this.#stamp(write, object, operation === 'deleted');
    const record = await this.#commitRecord(write, change, next, text);
    if (operation !== 'deleted') return this.#written(write, record).object;
    await this.#remove(write.key);
    return next;
  }

  /** Writes a record under the object's next revision, and leaves the manifest alone. */
  async put(write: Write, record: Omit<ObjectRecord, 'status' | 'statusRevision'>): Promise<Settled> {
    const { status: _, ...object } = await this.#stamp(write, record.object);
    const next = { ...record, object, ...copyOfStatus(write) };
    return this.#written(write, await this.writeRecord(write.key, next));
  }

  /** Writes a status, which is not synced: it tells what is, and can be found out again (docs/decisions). */
  async commitStatus(write: Write, { record }: Settled, object: ApiObject): Promise<Settled> {
    const { fileSystem } = this.#components;
    const status: StatusRecord = {
      revision: await this.announce(write, 'MODIFIED'),
      recordRevision: revisionOf(record.object),
      status: storedStatus(object),
      identity: identityOf(record.object),
    };
    const path = this.#layout.paths(write.key).status;
    await ensureDirectory(fileSystem, dirname(path));
    await replaceFile(fileSystem, path, encodeChecked(status), { durable: false });
    return settled(record, status);
  }

  /** Writes a record in one step, as it is. */
  async writeRecord(key: ObjectKey<Kind>, record: ObjectRecord): Promise<ObjectRecord> {
    const { fileSystem } = this.#components;
    const path = this.#layout.paths(key).record;
    await ensureDirectory(fileSystem, dirname(path));
    await replaceFile(fileSystem, path, encodeChecked(record), { durable: !isEphemeral(key.kind) });
    return record;
  }

  announce(
    { lock, key, before: { object: before } }: Write,
    type: JournalEntry['type'],
    object?: ApiObject,
  ): Promise<number> {
    const entry = { lock, type, key: formatKey(key), before: before?.metadata.labels, object };
    return this.#components.revisions.announce(entry, before ? revisionOf(before) : 0);
  }

  /** What is deleted is marked before its files go, so that a crash between them is not half a delete. */
  async #commitRecord(
    write: Write,
    change: ManifestChange,
    { status: _, ...object }: ApiObject,
    text: string | undefined,
  ): Promise<ObjectRecord> {
    const record = { object, ...copyOfStatus(write) };
    if (change === 'none' && isGone(object)) return record;
    if (change === 'none') return this.writeRecord(write.key, { ...knownOf(write), ...record });
    const paths = this.#layout.paths(write.key) as ManifestPaths;
    return commitManifest(this.#components.fileSystem, paths, { record, text, replaces: replacedBy(write) });
  }

  /** The object under its next revision, which is announced. */
  async #stamp(write: Write, object: ApiObject, isDeleted = false): Promise<ApiObject> {
    const type = write.before.state === 'absent' ? 'ADDED' : 'MODIFIED';
    const revision = await (isDeleted ? this.announce(write, 'DELETED', object) : this.announce(write, type));
    return { ...object, metadata: { ...object.metadata, resourceVersion: String(revision) } };
  }

  #written(write: Write, record: ObjectRecord): Settled {
    return settled(record, statusOf(write));
  }

  /** A status without a record is nobody's: it goes last. */
  async #remove(key: ObjectKey<Kind>): Promise<void> {
    const { fileSystem } = this.#components;
    const { record, status } = this.#layout.paths(key);
    for (const path of [record, status])
      if (removeFile(fileSystem, path) && !isEphemeral(key.kind)) await syncAll(fileSystem, [dirname(path)]);
  }

  /** What a new state of an object means for its manifest. */
  #manifestChange({ before, key, restore }: Write, object: ApiObject): ManifestChange {
    const { manifest } = this.#layout.paths(key);
    if (manifest === undefined) return 'none';
    if (before.state === 'absent') return 'overwrite';
    const { record } = before;
    if (object.metadata.deletionTimestamp !== undefined) return record.manifest ? 'remove' : 'none';
    const isInvalid = record.problem?.reason === Reason.InvalidManifest;
    const isLacking = isInvalid || !this.#components.fileSystem.stat(manifest);
    return isShown(record.object, object) || (restore && isLacking) ? 'overwrite' : 'none';
  }

  /** What a person wrote and could not be read is about to be overwritten. */
  async #keepInvalid({ key, before }: Write): Promise<void> {
    const { fileSystem, logger } = this.#components;
    const { manifest } = this.#layout.paths(key);
    const isInvalid =
      before.state === 'absent' ? before.invalid : before.record.problem?.reason === Reason.InvalidManifest;
    if (!isInvalid || !manifest || !fileSystem.stat(manifest)) return;
    const copy = await keepCopy(fileSystem, this.#layout, manifest);
    logger.warn('kept a copy of an invalid manifest that was overwritten', { file: manifest, copy });
  }
}

/** `stored`: what is in the status' file. */
export function settled(record: ObjectRecord, stored: StatusRecord | undefined): Settled {
  const status = latestStatus(record, stored);
  return { state: 'settled', record, status, object: assemble(record, status) };
}

/** What a record says about the manifest, while that stays as it is. */
function knownOf({ before, restore }: Write): Pick<ObjectRecord, 'manifest' | 'problem'> {
  if (before.state === 'absent') return {};
  return { manifest: before.record.manifest, problem: restore ? undefined : before.record.problem };
}

/** What a new record says of the status. */
function copyOfStatus(write: Write): Pick<ObjectRecord, 'status' | 'statusRevision'> {
  const { status, revision = 0 } = statusOf(write) ?? {};
  return { statusRevision: revision, status };
}

function statusOf({ before }: Write): StatusRecord | undefined {
  return before.state === 'settled' ? before.status : undefined;
}

type ManifestChange = 'none' | 'overwrite' | 'remove';

/** Whether a person would see a difference. */
function isShown(before: ApiObject, after: ApiObject): boolean {
  const [old, now] = [before.metadata, after.metadata];
  const isSame =
    deepEqual(old.labels, now.labels) &&
    deepEqual(old.annotations, now.annotations) &&
    deepEqual(before.spec, after.spec);
  return !isSame;
}

function replacedBy({ before }: Write): FileVersion | undefined {
  return before.state === 'absent' ? before.invalid : before.record.manifest;
}
