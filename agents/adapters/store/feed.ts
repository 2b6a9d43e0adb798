import type { Kind } from '../../../api/kinds.ts';
import { type ApiObject, type ObjectKey, parseKey } from '../../../api/meta/object.ts';
import { type Change, EventWindow } from './event-window.ts';
import type { JournalEntry, Position } from './journal.ts';
import { isGone, revisionOf } from './records.ts';
import { SpecSharing } from './spec-sharing.ts';
import type { StateDirectory } from './state-directory.ts';

/** What happened to an object, seen in the journal but no longer on disk: it goes with its next event. */
type Unseen = Pick<Change, 'before'> & { type: 'ADDED' | 'MODIFIED' };

/** So many objects are read in one go: 20 ms of work. */
const MAX_ENTRIES = 500;

/** The events of one kind: the journal says which objects were written, in order; their files say what. */
export class Feed {
  readonly kind: Kind;
  readonly window: EventWindow;
  readonly #directory: StateDirectory;
  readonly #unseen = new Map<string, Unseen>();
  /** Revision of each object as far as told or learnt, by formatted key. */
  readonly #told = new Map<string, number>();
  #isLearnt = false;
  readonly #specs = new SpecSharing();
  #position: Position;

  constructor(
    { directory }: { directory: StateDirectory },
    { kind, revision }: { kind: Kind; revision: number },
  ) {
    this.#directory = directory;
    this.#position = { revision, ino: 0, offset: 0 };
    this.kind = kind;
    this.window = new EventWindow(revision);
  }

  /** Up to where the window tells everything. */
  get revision(): number {
    return this.#position.revision;
  }

  /** Adds what is new. True when there is more, and it must be asked again soon. `own`: nonce of our lock. */
  poll(own?: string): boolean {
    const read = this.#directory.revisions.since(this.#position, own);
    if (!read) {
      this.restart();
      return false;
    }
    for (const entry of read.entries.slice(0, MAX_ENTRIES)) {
      this.#take(entry, parseKey<Kind>(entry.key));
      // One by one: what was taken must not be taken again when the next one's files cannot be read.
      this.#position = { ...this.#position, revision: entry.revision };
    }
    if (read.entries.length > MAX_ENTRIES) return true;
    this.#position = read.position;
    return read.more;
  }

  /** What happened is no longer known: every watcher must list again. */
  restart(): void {
    const revision = this.#directory.revisions.settled();
    this.#position = { revision, ino: 0, offset: 0 };
    this.#unseen.clear();
    this.#told.clear();
    this.#specs.clear();
    this.#isLearnt = false;
    this.window.expire(revision);
  }

  /**
   * Compares all there is with what was told; starts anew where something changed that no line of the
   * journal tells of: a file lost, or brought back from a backup. The first time it only learns. Answers false
   * where the difference may be a write that was under way.
   */
  compare(found: ReadonlyMap<string, number>): boolean {
    const keys = this.#isLearnt ? new Set([...found.keys(), ...this.#told.keys()]) : this.#told.keys();
    const isUntold = [...keys].some((key) => found.get(key) !== this.#told.get(key) && this.#isUntold(key));
    if (isUntold && this.#isBeingWritten()) return false;
    if (isUntold) this.restart();
    this.#isLearnt = true;
    for (const [key, revision] of found) if (!this.#told.has(key)) this.#told.set(key, revision);
    return true;
  }

  /** Whether somebody writes now, or wrote a moment ago: his line was in the journal before he touched a file. */
  #isBeingWritten(): boolean {
    const { revision } = this;
    return this.#directory.turns.areTaken || this.poll() || this.revision !== revision;
  }

  /** Looks again: what was found may be older than what was told since. */
  #isUntold(key: string): boolean {
    const object = this.#directory.stored(parseKey<Kind>(key));
    const revision = object && revisionOf(object);
    return revision !== this.#told.get(key) && (revision === undefined || revision <= this.revision);
  }

  #append(key: string, change: Change, revision: number): void {
    const object = this.#specs.share(key, change.object);
    this.#told.set(key, revision);
    if (change.type === 'DELETED') {
      this.#specs.forget(key);
      this.#told.delete(key);
    }
    this.window.append({ ...change, object }, revision);
  }

  #take(entry: JournalEntry, key: ObjectKey<Kind>): void {
    if (key.kind !== this.kind) return;
    if (entry.type === 'RESET') this.window.expire(entry.revision);
    else if (entry.type === 'DELETED') this.#takeDelete(entry, this.#directory.stored(key));
    else this.#takeWrite({ ...entry, type: entry.type }, this.#directory.stored(key));
  }

  #takeWrite(entry: JournalEntry & Unseen, object: ApiObject | undefined): void {
    const { type, before } = this.#unseen.get(entry.key) ?? entry;
    const found = object && revisionOf(object);
    if (object && found === entry.revision) {
      this.#unseen.delete(entry.key);
      this.#append(entry.key, { type, before, object }, entry.revision);
    } else if (found === undefined || found > entry.revision) {
      this.#unseen.set(entry.key, { type, before }); // Written again or deleted since; that has its own line.
    }
    // An object that is older than the line is one whose write failed.
  }

  #takeDelete({ key, revision, before, object }: JournalEntry, found: ApiObject | undefined): void {
    // The delete failed, or is not over; whoever finishes it announces it again.
    if (!object || (found && (revisionOf(found) < revision || isGone(found)))) return;
    const unseen = this.#unseen.get(key);
    this.#unseen.delete(key);
    if (unseen?.type === 'ADDED') return; // It came and went unseen.
    const last = { ...object, metadata: { ...object.metadata, resourceVersion: String(revision) } };
    this.#append(key, { type: 'DELETED', object: last, before: unseen ? unseen.before : before }, revision);
  }
}
