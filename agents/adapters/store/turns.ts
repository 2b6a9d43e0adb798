import { dirname } from 'node:path';
import { ensureDirectory } from './durable-file.ts';
import type { FileLock } from './file-lock.ts';
import type { FileSystem } from './file-system.ts';

export interface TurnsComponents {
  fileSystem: FileSystem;
  lock: FileLock;
}

/** Lets one write at a time happen in a directory, over all processes. */
export class Turns {
  /** Called at the end of each turn, still under the lock, with its nonce. */
  readonly listeners = new Set<(lock: string) => void>();
  readonly #components: TurnsComponents;
  /** Writers of this process wait here, and only one of them for the other processes. */
  #queue: Promise<unknown> = Promise.resolve();

  constructor(components: TurnsComponents) {
    this.#components = components;
  }

  /** Runs `work` under the lock, and hands it the lock's nonce. */
  take<T>(work: (lock: string) => Promise<T>): Promise<T> {
    const turn = this.#queue.then(() => this.#locked(work));
    this.#queue = turn.catch(() => undefined); // Its own caller is told; the next in the queue need not know.
    return turn;
  }

  /** Whether a write is under way, in any process. */
  get areTaken(): boolean {
    return this.#components.lock.isHeld;
  }

  async #locked<T>(work: (lock: string) => Promise<T>): Promise<T> {
    const { fileSystem, lock } = this.#components;
    await ensureDirectory(fileSystem, dirname(lock.path));
    const held = await lock.acquire();
    try {
      return await work(held.nonce);
    } finally {
      for (const listener of this.listeners) listener(held.nonce);
      held.release();
    }
  }
}
