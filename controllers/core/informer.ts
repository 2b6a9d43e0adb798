import type { Kind } from '../../api/kinds.ts';
import type { ObjectKey } from '../../api/meta/object.ts';
import { isStatusError, StatusError } from '../../api/meta/status-error.ts';
import { MAX_EVENTS_PER_SECOND } from '../../api/protocol/limits.ts';
import { Refusal } from '../../api/protocol/refusals.ts';
import type { ObjectOf } from '../../api/v1alpha1/types.ts';
import type { Clock } from '../ports/clock.ts';
import type { Logger } from '../ports/logger.ts';
import type { ListOptions, Store, WatchEvent } from '../ports/store.ts';
import { deadline, sleep, unlessAborted } from './abort.ts';
import { Cache, type InformerHandler } from './cache.ts';
import { policyOf } from './error-policy.ts';
import { Holding } from './holding.ts';
import { Pace } from './pace.ts';
import { type Backoff, backoffMs, jitter } from './rate-limiter.ts';

export type { InformerHandler } from './cache.ts';

export interface InformerComponents {
  store: Pick<Store, 'list' | 'watch'>;
  clock: Clock;
  logger: Logger;
}

export interface InformerInit<K extends Kind> {
  kind: K;
  /** Which objects. Default: all of the kind. */
  options?: ListOptions;
  /**
   * Whose Store it is, where that is not our own: what a peer shows is taken as fast, and held as much, as
   * api/protocol/limits says. More of it counts as a Store that does not answer.
   */
  peer?: string;
  /** Everything is listed anew and shown to the handlers, changed or not, at least this often. Default: 10 min. */
  resyncMs?: number;
  /** Delays after failures in a row. Default: 200 ms to 30 s. */
  backoff?: Backoff;
  /** The Store has answered. */
  onContact?(): void;
  /** The Store does not answer; the next attempt follows by itself. One watch that breaks off is not that. */
  onError?(error: unknown): void;
  /** From 0 up to 1, for jitter. Default: Math.random. */
  random?(): number;
}

const DEFAULT_RESYNC_MS = 600_000;
const DEFAULT_BACKOFF = { baseMs: 200, capMs: 30_000 };

/** A watch that has lasted so long was a good one, even if nothing came by it; in milliseconds. */
const HEALTHY_MS = 60_000;

/**
 * A copy of the objects of one kind in a Store, that follows the Store. It resumes after a broken watch and lists
 * anew where it cannot; either way handlers see the difference between what was and what is.
 */
export class Informer<K extends Kind> {
  readonly #store: InformerComponents['store'];
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #init: InformerInit<K>;
  readonly #cache: Cache<K>;
  readonly #pace: Pace | undefined;
  readonly #synced = Promise.withResolvers<void>();
  /** Where to resume the watch; undefined: list first. */
  #version: string | undefined;
  #resyncDue = false;
  #hasSynced = false;
  #answering = true;
  #failures = 0;

  constructor(components: InformerComponents, init: InformerInit<K>) {
    this.#store = components.store;
    this.#clock = components.clock;
    this.#logger = components.logger.child({ kind: init.kind });
    this.#init = init;
    const { peer, kind } = init;
    const holding = peer === undefined ? undefined : new Holding({ peer, kind });
    this.#cache = new Cache({ logger: this.#logger, holding });
    this.#pace = peer === undefined ? undefined : new Pace(components, { perSecond: MAX_EVENTS_PER_SECOND });
  }

  get(key: ObjectKey<K>): ObjectOf<K> | undefined {
    return this.#cache.get(key);
  }

  list(): ObjectOf<K>[] {
    return this.#cache.list();
  }

  /** Whether everything that was in the Store at the start is here. */
  get hasSynced(): boolean {
    return this.#hasSynced;
  }

  /** Resolves when {@link hasSynced}. */
  get synced(): Promise<void> {
    return this.#synced.promise;
  }

  /** Adds a handler, which sees every object that is here at once; the returned function removes it. */
  addHandler(handler: InformerHandler<K>): () => void {
    return this.#cache.addHandler(handler);
  }

  /** Follows the Store until the signal ends, then resolves. */
  async start(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        if (this.#version === undefined) await this.#relist(signal);
        await this.#follow(signal);
      } catch (error) {
        if (!signal.aborted) await this.#recover(error, signal);
      }
    }
  }

  async #relist(signal: AbortSignal): Promise<void> {
    const { kind, options } = this.#init;
    const { items, resourceVersion } = await unlessAborted(this.#store.list(kind, options), signal);
    this.#cache.replace(items, this.#resyncDue);
    this.#answered();
    this.#version = resourceVersion;
    this.#resyncDue = false;
    this.#hasSynced = true;
    this.#synced.resolve();
  }

  /** Returns when a resync is due or the signal has ended. */
  async #follow(signal: AbortSignal): Promise<void> {
    const { resyncMs = DEFAULT_RESYNC_MS } = this.#init;
    const since = this.#clock.now();
    const until = deadline(this.#clock, signal, this.#jitter(resyncMs), () => new Error('resync is due'));
    try {
      await this.#watch(until.signal);
    } catch (error) {
      if (!until.signal.aborted) throw error;
    } finally {
      until.release();
      if (this.#clock.now() - since > HEALTHY_MS) this.#failures = 0;
    }
    this.#resyncDue = true;
    this.#version = undefined;
  }

  async #watch(signal: AbortSignal): Promise<void> {
    const { kind, options } = this.#init;
    const events = this.#store.watch(kind, { ...options, resourceVersion: this.#version, signal });
    for await (const event of events) {
      this.#apply(event);
      this.#failures = 0;
      await this.#pace?.keep(signal);
    }
    if (!signal.aborted) throw new StatusError('ServiceUnavailable', `the watch of ${kind} ended by itself`);
  }

  #apply(event: WatchEvent<K>): void {
    if (event.type === 'ADDED' || event.type === 'MODIFIED') this.#cache.put(event.object);
    if (event.type === 'DELETED') this.#cache.remove(event.object);
    this.#answered();
    this.#version = event.type === 'BOOKMARK' ? event.resourceVersion : event.object.metadata.resourceVersion;
  }

  /**
   * A watch that breaks once is resumed, and nobody need know. What fails after that is reported, and a
   * list comes next: it is answered at once, where a watch may be silent for long.
   */
  async #recover(error: unknown, signal: AbortSignal): Promise<void> {
    const tooMuch = isTooMuch(error);
    const brokeOnce = this.#version !== undefined && this.#failures === 0 && !tooMuch;
    if (!brokeOnce || isStatusError(error, 'Expired')) this.#version = undefined;
    // What is too much now will be too much in a moment as well: the longest delay.
    this.#failures = tooMuch ? Number.POSITIVE_INFINITY : this.#failures + 1;
    if (!brokeOnce) this.#report(error);
    const { backoff = DEFAULT_BACKOFF } = this.#init;
    await sleep(this.#clock, this.#jitter(backoffMs(backoff, this.#failures)), signal);
  }

  /** The first failure in a row is news; where someone else shows it the log need not, but for a peer that may be hostile. */
  #report(error: unknown): void {
    const news = this.#answering && (!this.#init.onError || isTooMuch(error));
    this.#logger[news ? policyOf(error).level : 'debug']('Store did not answer', { error });
    this.#answering = false;
    this.#init.onError?.(error);
  }

  #answered(): void {
    this.#answering = true;
    this.#init.onContact?.();
  }

  #jitter(milliseconds: number): number {
    return jitter(milliseconds, (this.#init.random ?? Math.random)());
  }
}

function isTooMuch(error: unknown): boolean {
  return isStatusError(error) && error.details.cause === Refusal.LimitExceeded;
}
