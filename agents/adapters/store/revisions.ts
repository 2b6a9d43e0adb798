import type { Logger } from '../../../controllers/ports/logger.ts';
import { decodeChecked, encodeChecked } from './checked-json.ts';
import { readIfThere, replaceFile } from './durable-file.ts';
import type { FileLock } from './file-lock.ts';
import type { FileSystem } from './file-system.ts';
import { Journal, type JournalEntry, type Position } from './journal.ts';
import type { Layout } from './layout.ts';
import { quarantine } from './quarantine.ts';

/** So many revisions are set apart at a time: one synced write for a thousand. A crash may skip the rest. */
const BLOCK = 1000;

/** Where the file of revisions is lost, nobody knows how many were set apart; far more than ever are. */
const LEAP = 1_000_000;

export interface RevisionsComponents {
  fileSystem: FileSystem;
  logger: Logger;
  /** The lock that writes are made under. */
  lock: FileLock;
}

export interface RevisionsInit {
  layout: Layout;
  boot: string;
  /** The highest revision in any file; costs a look at them all. */
  highest(): number;
}

/**
 * Gives out revisions to writes, of any process, that never go backwards. The journal's end says how far
 * they are; after a power loss, or without it, they go on above everything that was ever set apart.
 */
export class Revisions {
  readonly #components: RevisionsComponents;
  readonly #init: RevisionsInit;
  readonly #journal: Journal;
  #ceiling = 0;

  constructor(components: RevisionsComponents, init: RevisionsInit) {
    this.#components = components;
    this.#init = init;
    this.#journal = new Journal(components, { path: init.layout.journal, boot: init.boot });
  }

  /** Takes the next revision for a write that is about to be made under the lock, to an object of revision `before`. */
  async announce(entry: Omit<JournalEntry, 'revision'>, before: number): Promise<number> {
    const last = this.#journal.lastRevision();
    // One that ends before what it was to tell of has lost its end.
    const isWhole = last !== undefined && last >= before;
    const revision = (isWhole ? last : await this.#restart()) + 1;
    if (revision > this.#ceiling) await this.#setApart(revision);
    this.#journal.append({ ...entry, revision });
    return revision;
  }

  /** Every write up to this revision is done, for better or worse. */
  settled(): number {
    const last = this.#journal.last();
    if (last === undefined) return this.#readCeiling() ?? 0;
    if ('base' in last) return last.base;
    return this.#isUnderWay(last) ? last.revision - 1 : last.revision;
  }

  /**
   * What was written after a position, without a write that is still under way; undefined when that
   * is no longer known. `own`: nonce of the caller's lock, whose write counts as done. Nothing
   * while a turn of our own is under way: whoever follows is told of its end.
   */
  since(
    position: Position,
    own?: string,
  ): { entries: JournalEntry[]; position: Position; more: boolean } | undefined {
    if (own === undefined && this.#components.lock.isHeldHere) return { entries: [], position, more: false };
    const read = this.#journal.read(position);
    const last = read?.entries.at(-1);
    if (!read || !last || last.lock === own || !this.#isUnderWay(last))
      return read && { ...read, more: false };
    const entries = read.entries.slice(0, -1);
    const revision = entries.at(-1)?.revision ?? position.revision;
    return { entries, position: { ...position, revision }, more: true };
  }

  #isUnderWay({ lock }: JournalEntry): boolean {
    return this.#components.lock.isHeldWith(lock);
  }

  /** A new journal above all revisions that were set apart. */
  async #restart(): Promise<number> {
    const base = this.#readCeiling() ?? this.#recover();
    await this.#setApart(base + 1);
    this.#journal.restart(base);
    return base;
  }

  /** Another process may have set some apart already. */
  async #setApart(revision: number): Promise<void> {
    let ceiling = this.#readCeiling();
    if (ceiling === undefined) await this.#discardDamaged();
    if (ceiling === undefined || ceiling < revision) {
      ceiling = revision + BLOCK;
      const { fileSystem } = this.#components;
      await replaceFile(fileSystem, this.#init.layout.revision, encodeChecked({ ceiling }), {
        durable: true,
      });
    }
    this.#ceiling = ceiling;
  }

  /** Undefined where the file is missing or damaged. */
  #readCeiling(): number | undefined {
    const text = readIfThere(this.#components.fileSystem, this.#init.layout.revision);
    return text === undefined ? undefined : (decodeChecked(text) as { ceiling: number } | undefined)?.ceiling;
  }

  /** The base where no file tells: 0 in a new directory, or else far above all that is found. */
  #recover(): number {
    const highest = this.#init.highest();
    const isNew = highest === 0 && !this.#components.fileSystem.stat(this.#init.layout.revision);
    return isNew ? 0 : highest + LEAP;
  }

  async #discardDamaged(): Promise<void> {
    const { fileSystem, logger } = this.#components;
    const { layout } = this.#init;
    if (!fileSystem.stat(layout.revision)) return;
    const file = await quarantine(fileSystem, layout, layout.revision);
    logger.error('set a damaged file aside', { file: layout.revision, quarantine: file });
  }
}
