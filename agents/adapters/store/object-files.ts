import { dirname } from 'node:path';
import type { Kind } from '../../../api/kinds.ts';
import type { ApiObject, ObjectKey } from '../../../api/meta/object.ts';
import { decodeChecked } from './checked-json.ts';
import { checksum } from './checksum.ts';
import { readIfThere } from './durable-file.ts';
import type { FileSystem } from './file-system.ts';
import type { Layout } from './layout.ts';
import {
  assemble,
  belongTogether,
  isGone,
  isVersion,
  type ObjectRecord,
  type StatusRecord,
} from './records.ts';

/** What the files of one object say. */
export type Reading =
  | { state: 'absent'; object?: undefined }
  | { state: 'settled'; object: ApiObject; record: ObjectRecord; status: StatusRecord | undefined }
  /** An edit to absorb, something damaged, or a write under way: to be looked at under the lock. */
  | { state: 'unsettled'; object?: undefined };

/** A machine's file: its content, `absent`, or `damaged`. */
export type MachineFile<T> = T | 'absent' | 'damaged';

/** Editors replace a file by removing it first; a manifest is deleted when it has stayed away this long. */
export const ABSENCE_MS = 300;

/** A write of two files between two reads is rare, and four in a row are damage. */
const ATTEMPTS = 4;

/** Reads objects without a lock, and without writing. */
export class ObjectFiles {
  readonly #fileSystem: FileSystem;
  readonly #layout: Layout;
  /** Since when this process has missed a manifest. */
  readonly #missing = new Map<string, number>();

  constructor({ fileSystem }: { fileSystem: FileSystem }, { layout }: { layout: Layout }) {
    this.#fileSystem = fileSystem;
    this.#layout = layout;
  }

  read(key: ObjectKey<Kind>): Reading {
    const { manifest, record: path, next } = this.#layout.paths(key);
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const record = this.record(path);
      if (record === 'damaged') break;
      if (record === 'absent') {
        const isBegun = manifest && (this.#fileSystem.stat(manifest) ?? this.#fileSystem.stat(next));
        return { state: isBegun ? 'unsettled' : 'absent' };
      }
      if (isGone(record.object) || !this.#agrees(key, record)) break;
      const reading = this.#withStatus(key, record);
      if (reading) return reading;
    }
    return { state: 'unsettled' };
  }

  /** The object as it was last written, whatever has happened to its manifest since. */
  stored(key: ObjectKey<Kind>): ApiObject | undefined {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const record = this.record(this.#layout.paths(key).record);
      if (typeof record === 'string') return undefined;
      const reading = this.#withStatus(key, record);
      if (reading) return reading.object;
    }
    return undefined;
  }

  record(path: string): MachineFile<ObjectRecord> {
    return this.#machineFile(path);
  }

  status(key: ObjectKey<Kind>): MachineFile<StatusRecord> {
    return this.#machineFile(this.#layout.paths(key).status);
  }

  /** Whether the manifest has changed, so lately that whoever writes it may not be done. */
  isManifestFresh(key: ObjectKey<Kind>, milliseconds: number): boolean {
    const { manifest, record: path } = this.#layout.paths(key);
    const stat = manifest === undefined ? undefined : this.#fileSystem.stat(manifest);
    if (!stat) return false;
    const record = this.record(path);
    if (typeof record === 'object' && isVersion(record.manifest, stat)) return false;
    const age = this.#fileSystem.now() - stat.mtimeMs;
    return age >= 0 && age < milliseconds;
  }

  /** Whether the manifest is, byte for byte, the one that the record was made of. */
  isManifestKnown(key: ObjectKey<Kind>): boolean {
    const reading = this.read(key);
    const { manifest } = this.#layout.paths(key);
    if (reading.state === 'unsettled' || manifest === undefined) return reading.state !== 'unsettled';
    const text = readIfThere(this.#fileSystem, manifest);
    const known = reading.state === 'settled' ? reading.record.manifest : undefined;
    return text === undefined ? known === undefined : known?.checksum === checksum(text);
  }

  /** Whether a manifest that is not there was removed, and is not just being replaced. */
  isRemoved(manifest: string): boolean {
    const now = this.#fileSystem.now();
    const missedSince = this.#missing.get(manifest) ?? now;
    const isRemoved = now - Math.min(missedSince, this.#lastChange(dirname(manifest))) >= ABSENCE_MS;
    if (isRemoved) this.#missing.delete(manifest);
    else this.#missing.set(manifest, missedSince);
    return isRemoved;
  }

  /** Whether the manifest is the one that the record was made of, or may still become it. */
  #agrees(key: ObjectKey<Kind>, record: ObjectRecord): boolean {
    const { manifest, next } = this.#layout.paths(key);
    if (!manifest || record.object.metadata.deletionTimestamp !== undefined) return true;
    const stat = this.#fileSystem.stat(manifest);
    if (!stat) return !this.#fileSystem.stat(next) && !this.isRemoved(manifest);
    this.#missing.delete(manifest);
    return isVersion(record.manifest, stat);
  }

  #withStatus(key: ObjectKey<Kind>, record: ObjectRecord): (Reading & { state: 'settled' }) | undefined {
    const file = this.status(key);
    if (file === 'damaged') return undefined;
    const status = file === 'absent' ? undefined : file;
    if (!belongTogether(record, status)) return undefined;
    return { state: 'settled', object: assemble(record, status), record, status };
  }

  #machineFile<T>(path: string): MachineFile<T> {
    const text = readIfThere(this.#fileSystem, path);
    if (text === undefined) return 'absent';
    return (decodeChecked(text) as T | undefined) ?? 'damaged';
  }

  /** When an entry of the directory last changed: a file that is missing has been so since then. */
  #lastChange(directory: string): number {
    const stat = this.#fileSystem.stat(directory);
    return stat?.mtimeMs ?? (directory === dirname(directory) ? 0 : this.#lastChange(dirname(directory)));
  }
}
