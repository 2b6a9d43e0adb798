import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { StatusError } from '../../../api/meta/status-error.ts';
import { decodeChecked, encodeChecked } from './checked-json.ts';
import { createFile, discard, readIfThere, temporaryIn } from './durable-file.ts';
import { codeOf } from './file-errors.ts';
import type { FileSystem } from './file-system.ts';
import { monotonic } from './monotonic.ts';
import { newUID } from './new-uid.ts';
import { isCertainlyDead, type ProcessIdentity } from './process-identity.ts';

/** Who holds a lock. */
export interface Holder extends ProcessIdentity {
  /** Different for every time the lock was taken. */
  nonce: string;
}

/** A lock while it is held. */
export interface Held {
  readonly nonce: string;
  release(): void;
}

export interface FileLockComponents {
  fileSystem: FileSystem;
  process: ProcessIdentity;
}

export interface FileLockInit {
  path: string;
  /** How long {@link FileLock.acquire} waits. Default: 10 s; a write takes milliseconds. */
  timeoutMilliseconds?: number | undefined;
}

/** Begins the name of the lock under which the lock of a dead process is taken over. */
const TAKEOVER = 'takeover-';

/** Stands for the nonce of a lock file that cannot be read: only a power loss leaves one, so nobody holds it. */
const UNREADABLE = 'unreadable';

/**
 * Mutual exclusion between processes by a file that is there while somebody holds it. It appears with
 * its content in one step, and outlives no process: that of a dead one is taken over.
 */
export class FileLock {
  readonly path: string;
  readonly #components: FileLockComponents;
  readonly #timeout: number;
  /** Nonce of the lock while it is held through this object. */
  #mine: string | undefined;
  /** Locks of ours whose file could not be removed: held by nobody. */
  readonly #abandoned = new Set<string>();

  constructor(components: FileLockComponents, { path, timeoutMilliseconds = 10_000 }: FileLockInit) {
    this.#components = components;
    this.path = path;
    this.#timeout = timeoutMilliseconds;
  }

  /** Waits for the lock. @throws StatusError Timeout that names the holder. */
  async acquire(): Promise<Held> {
    const deadline = monotonic() + this.#timeout;
    for (let pause = 1; ; pause = Math.min(pause * 2, 16)) {
      const held = this.tryAcquire();
      if ('release' in held) return held;
      if (monotonic() >= deadline) throw this.#timedOut(held);
      await sleep(pause * (0.5 + Math.random())); // Two that wait must not wake in step.
    }
  }

  /** Takes the lock, or answers who has it. */
  tryAcquire(): Held | Holder {
    const holder = this.holder();
    if (holder && !this.#isFree(holder)) return holder;
    const { fileSystem, process } = this.#components;
    const temporary = temporaryIn(dirname(this.path));
    const nonce = newUID();
    try {
      createFile(fileSystem, temporary, encodeChecked({ ...process, nonce } satisfies Holder));
      const taken = holder ? this.#takeOver(holder, temporary) : this.#create(temporary);
      return taken ? this.#hold(nonce) : (this.holder() ?? this.tryAcquire());
    } finally {
      discard(fileSystem, temporary);
    }
  }

  /** Whose name is in the file now, dead or alive. */
  holder(): Holder | undefined {
    const text = readIfThere(this.#components.fileSystem, this.path);
    if (text === undefined) return undefined;
    return (decodeChecked(text) as Holder | undefined) ?? unreadable(this.#components.process);
  }

  /** Whether it is held through this very object. */
  get isHeldHere(): boolean {
    return this.#mine !== undefined;
  }

  /** Whether it is held by anybody who may still be at work. */
  get isHeld(): boolean {
    const holder = this.holder();
    return holder !== undefined && !this.#isFree(holder);
  }

  /** Whether whoever took it with this nonce may still be at work. */
  isHeldWith(nonce: string): boolean {
    if (nonce === this.#mine) return true;
    const holder = this.holder();
    return holder?.nonce === nonce && !this.#isFree(holder);
  }

  #isFree(holder: Holder): boolean {
    return (
      holder.nonce === UNREADABLE ||
      this.#abandoned.has(holder.nonce) ||
      isCertainlyDead(holder, this.#components.process)
    );
  }

  #create(temporary: string): boolean {
    try {
      this.#components.fileSystem.link(temporary, this.path);
      return true;
    } catch (error) {
      if (codeOf(error) === 'EEXIST') return false;
      throw error;
    }
  }

  /**
   * Two that find the same dead holder must not both replace it: they agree by a lock named after it,
   * and the second one sees that the file has changed.
   */
  #takeOver(dead: Holder, temporary: string): boolean {
    const path = join(dirname(this.path), `${TAKEOVER}${dead.nonce}`);
    const agreement = new FileLock(this.#components, { path }).tryAcquire();
    if (!('release' in agreement)) return false;
    try {
      if (this.holder()?.nonce !== dead.nonce) return false;
      this.#components.fileSystem.rename(temporary, this.path);
      this.#abandoned.delete(dead.nonce);
      return true;
    } finally {
      agreement.release();
    }
  }

  #hold(nonce: string): Held {
    this.#mine = nonce;
    return { nonce, release: () => this.#release(nonce) };
  }

  #release(nonce: string): void {
    this.#mine = undefined;
    try {
      if (this.#isOurs(nonce)) this.#components.fileSystem.unlink(this.path);
    } catch {
      // What was done under the lock is done; from here on the file counts as free.
      this.#abandoned.add(nonce);
    }
  }

  /** Someone may have removed the file by hand and another process be at work by now. */
  #isOurs(nonce: string): boolean {
    try {
      return this.holder()?.nonce === nonce;
    } catch {
      return true; // Not even a descriptor left to look with: nobody takes a lock from the living.
    }
  }

  #timedOut({ pid, hostname }: Holder): StatusError {
    return new StatusError(
      'Timeout',
      `${this.path} is held by process ${pid} on ${hostname}; if no such process runs any more, remove the file`,
    );
  }
}

function unreadable(process: ProcessIdentity): Holder {
  return { ...process, nonce: UNREADABLE };
}
