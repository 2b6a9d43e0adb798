import { type FSWatcher, watch } from 'node:fs';
import { resolve } from 'node:path';
import type { Clock } from '../../../controllers/ports/clock.ts';
import type { Context } from '../context.ts';

/** An editor writes a file in several steps, git many files: milliseconds of quiet before they are read. */
const QUIET_MS = 200;

/** A lost event costs this much at most, and a URL is looked at this often; milliseconds. */
const RESCAN_MS = 30_000;

/** Tells when what `-f` names may have changed: at once for files, now and then for everything. */
export class ManifestSource {
  readonly #clock: Clock;
  readonly #paths: readonly string[];
  #wake = () => {};
  #changed = false;

  constructor({ clock }: { clock: Clock }, { cwd, filename }: { cwd: string; filename: readonly string[] }) {
    this.#clock = clock;
    this.#paths = filename
      .filter((name) => name !== '-' && !/^https?:/.test(name))
      .map((name) => resolve(cwd, name));
  }

  /** Yields whenever it is time to read again, until the signal. */
  async *changes(context: Pick<Context, 'warn'>, signal: AbortSignal): AsyncGenerator<void> {
    const watchers = this.#paths.flatMap((path) => this.#watch(path, context));
    try {
      while (!signal.aborted) {
        await this.#next(signal);
        if (!signal.aborted) yield;
      }
    } finally {
      for (const watcher of watchers) watcher.close();
    }
  }

  #watch(path: string, { warn }: Pick<Context, 'warn'>): FSWatcher[] {
    try {
      const watcher = watch(path, { recursive: true, persistent: false }, () => this.#notice());
      watcher.on('error', () => this.#notice());
      return [watcher];
    } catch (error) {
      warn(
        `${path} cannot be watched, and is looked at every ${RESCAN_MS / 1000} s: ${(error as Error).message}`,
      );
      return [];
    }
  }

  #notice(): void {
    this.#changed = true;
    this.#wake();
  }

  async #next(signal: AbortSignal): Promise<void> {
    if (!this.#changed) await this.#sleep(RESCAN_MS, signal);
    while (this.#changed && !signal.aborted) {
      this.#changed = false;
      await this.#sleep(QUIET_MS, signal);
    }
  }

  /** Ends early when something changes or the signal comes. */
  async #sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const cancel = this.#clock.after(milliseconds, resolve);
    this.#wake = resolve;
    signal.addEventListener('abort', () => resolve(), { once: true });
    await promise;
    cancel();
  }
}
