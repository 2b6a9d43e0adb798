import { dirname } from 'node:path';
import type { Labels } from '../../../api/meta/labels.ts';
import type { ApiObject } from '../../../api/meta/object.ts';
import { decodeChecked, encodeChecked } from './checked-json.ts';
import { createFile, discard, temporaryIn, writeAll } from './durable-file.ts';
import { onFile } from './file-errors.ts';
import type { FileStat, FileSystem } from './file-system.ts';

/** What is about to be written. RESET: something was lost, and whoever watches must list again. */
export interface JournalEntry {
  revision: number;
  /** Nonce of the lock it is written under: while that is held, it may not be done yet. */
  lock: string;
  type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'RESET';
  /** As api/meta/object formatKey writes it. */
  key: string;
  /** Labels before the write. */
  before?: Labels | undefined;
  /** The last state of what is deleted: nothing else remembers it. */
  object?: ApiObject | undefined;
}

interface Header {
  /** Everything up to this revision happened before the journal begins. */
  base: number;
  /** The boot it belongs to: it is not synced, and means nothing after a power loss. */
  boot: string;
}

/** How far a reader has come. */
export interface Position {
  revision: number;
  ino: number;
  offset: number;
}

/** At 200 bytes an entry, 10,000 writes to resume over remain when it is cut in half. */
const MAX_BYTES = 4 * 1024 * 1024;

/** More than the line of any write but a delete. */
const TAIL_BYTES = 4096;

/**
 * The order of all writes, of every process: one line each, appended under the lock *before* the
 * write. A line says "look at this object again"; a write that failed after all changes nothing.
 */
export class Journal {
  readonly #fileSystem: FileSystem;
  readonly #path: string;
  readonly #boot: string;
  #known: { stat: FileStat; revision: number } | undefined;

  constructor({ fileSystem }: { fileSystem: FileSystem }, { path, boot }: { path: string; boot: string }) {
    this.#fileSystem = fileSystem;
    this.#path = path;
    this.#boot = boot;
  }

  /** The last entry's revision, or the base without one; undefined without a journal of this boot. */
  lastRevision(): number | undefined {
    const stat = this.#fileSystem.stat(this.#path);
    if (!stat) return undefined;
    if (this.#known && isSame(this.#known.stat, stat)) return this.#known.revision;
    const last = this.last();
    const revision = last && ('base' in last ? last.base : last.revision);
    this.#known = revision === undefined ? undefined : { stat, revision };
    return revision;
  }

  /** The last line, undefined where it is damaged or of another boot. */
  last(): JournalEntry | Header | undefined {
    const size = this.#fileSystem.stat(this.#path)?.size ?? 0;
    if (size === 0 || this.#header()?.boot !== this.#boot) return undefined;
    const tail = this.#bytes(Math.max(0, size - TAIL_BYTES)).toString();
    const start = tail.lastIndexOf('\n', tail.length - 2);
    const line =
      start >= 0 || size <= TAIL_BYTES ? tail.slice(start + 1) : lastLine(this.#bytes(0).toString());
    return decodeChecked(line) as JournalEntry | Header | undefined;
  }

  /** Adds a line; on failure the journal is gone, and begins anew at a revision that nobody had. */
  append(entry: JournalEntry): void {
    const fd = this.#fileSystem.open(this.#path, 'a');
    try {
      onFile(this.#path, () => writeAll(this.#fileSystem, fd, Buffer.from(encodeChecked(entry))));
      this.#known = { stat: this.#fileSystem.statOpen(fd), revision: entry.revision };
    } catch (error) {
      this.#known = undefined;
      discard(this.#fileSystem, this.#path);
      throw error;
    } finally {
      this.#fileSystem.close(fd);
    }
    if (this.#known.stat.size > MAX_BYTES) this.#tryToShorten();
  }

  /** Begins a journal in place of one that is missing or cannot be trusted. */
  restart(base: number): void {
    this.#replace(encodeChecked({ base, boot: this.#boot } satisfies Header));
  }

  /** The entries after a position, or undefined when some of them are no longer known. */
  read(position: Position): { entries: JournalEntry[]; position: Position } | undefined {
    const stat = this.#fileSystem.stat(this.#path);
    if (!stat) return { entries: [], position };
    const goesOn = stat.ino === position.ino && stat.size >= position.offset;
    if (goesOn && stat.size === position.offset) return { entries: [], position };
    if (goesOn) return parse(this.#bytes(position.offset), position);
    const header = this.#header();
    if (header?.boot !== this.#boot) return { entries: [], position };
    if (header.base > position.revision) return undefined;
    return parse(this.#bytes(0), { revision: position.revision, ino: stat.ino, offset: 0 });
  }

  #header(): Header | undefined {
    const text = this.#bytes(0, 512).toString();
    return decodeChecked(text.slice(0, text.indexOf('\n') + 1)) as Header | undefined;
  }

  #bytes(from: number, length?: number): Buffer {
    return onFile(this.#path, () => this.#fileSystem.readBytes(this.#path, from, length));
  }

  #tryToShorten(): void {
    try {
      this.#shorten();
    } catch {
      // On a disk that has no room for a second journal, writes go on; the next one tries again.
    }
  }

  /** Drops the older half. */
  #shorten(): void {
    const lines = this.#bytes(0)
      .toString()
      .split(/(?<=\n)/);
    const half = Math.ceil(lines.length / 2);
    const dropped = decodeChecked(lines[half - 1] ?? '') as JournalEntry | undefined;
    const base = dropped?.revision ?? this.#known?.revision ?? 0;
    const header = encodeChecked({ base, boot: this.#boot } satisfies Header);
    this.#replace([header, ...(dropped ? lines.slice(half) : [])].join(''));
  }

  #replace(text: string): void {
    const temporary = temporaryIn(dirname(this.#path));
    createFile(this.#fileSystem, temporary, text);
    try {
      this.#fileSystem.rename(temporary, this.#path);
    } catch (error) {
      discard(this.#fileSystem, temporary);
      throw error;
    }
    this.#known = undefined;
  }
}

function isSame(a: FileStat, b: FileStat): boolean {
  return a.ino === b.ino && a.size === b.size;
}

function lastLine(text: string): string {
  return text.slice(text.lastIndexOf('\n', text.length - 2) + 1);
}

/** The complete lines of `bytes`; what has no line break yet is still being written. */
function parse(
  bytes: Buffer,
  { revision, ino, offset }: Position,
): { entries: JournalEntry[]; position: Position } | undefined {
  const complete = bytes.subarray(0, bytes.lastIndexOf(10) + 1);
  const lines = complete
    .toString()
    .split(/(?<=\n)/)
    .filter((line) => line !== '')
    .map((line) => decodeChecked(line) as JournalEntry | Header | undefined);
  if (lines.some((line) => line === undefined)) return undefined;
  const entries = lines.filter((line): line is JournalEntry => line !== undefined && 'revision' in line);
  const fresh = entries.filter((entry) => entry.revision > revision);
  return {
    entries: fresh,
    position: { revision: fresh.at(-1)?.revision ?? revision, ino, offset: offset + complete.length },
  };
}
