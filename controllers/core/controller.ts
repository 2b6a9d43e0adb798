import { randomUUID } from 'node:crypto';
import type { Kind } from '../../api/kinds.ts';
import { formatKey, type ObjectKey, parseKey } from '../../api/meta/object.ts';
import { StatusError } from '../../api/meta/status-error.ts';
import type { Clock } from '../ports/clock.ts';
import type { Logger } from '../ports/logger.ts';
import type { Metrics } from '../ports/metrics.ts';
import { deadline, ended, runTogether, yieldToEventLoop } from './abort.ts';
import type { Backoff } from './rate-limiter.ts';
import { type Result, Retries } from './retries.ts';
import type { Source } from './source.ts';
import { WorkQueue } from './workqueue.ts';

export type { Result } from './retries.ts';

/** Makes the world agree with one object. Reads everything anew: the key says only where to look. */
export interface Reconciler<K extends Kind> {
  /**
   * Rejects with a TerminalError when retrying cannot help; any other error is retried (error-policy.ts).
   * Must give up when the signal ends.
   */
  reconcile(key: ObjectKey<K>, signal: AbortSignal): Promise<Result>;
}

export interface ControllerInit<K extends Kind> {
  /** For logs and metrics. */
  name: string;
  sources: readonly Source<K>[];
  reconciler: Reconciler<K>;
  /** How many keys are worked on at a time; never one key twice. Default: 4. */
  workers?: number;
  /** A run that takes longer is told to give up, and its worker turns to other keys. Default: 1 min. */
  timeoutMs?: number;
  /** Delays after failures in a row of one key. Default: 200 ms to 1 min. */
  backoff?: Backoff;
}

export interface ControllerComponents {
  clock: Clock;
  logger: Logger;
  metrics: Metrics;
}

const DEFAULT_BACKOFF = { baseMs: 200, capMs: 60_000 };

/** How long the end of a controller waits for runs that do not give up, in milliseconds. */
const SHUTDOWN_MS = 10_000;

/** Reconciles over a Store that answers at once never wait: after so many the rest of the program has its turn. */
const YIELD_EVERY = 32;

/** Hands the keys of its sources to a reconciler, and again as its result or its failure demands. */
export class Controller<K extends Kind> {
  readonly name: string;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #metrics: Metrics;
  readonly #init: ControllerInit<K>;
  readonly #queue: WorkQueue;
  readonly #retries: Retries;
  readonly #runs = new Set<Promise<void>>();

  constructor(components: ControllerComponents, init: ControllerInit<K>) {
    this.name = init.name;
    this.#clock = components.clock;
    this.#logger = components.logger.child({ controller: init.name });
    this.#metrics = components.metrics;
    this.#init = init;
    this.#queue = new WorkQueue(components, init);
    this.#retries = new Retries(
      { queue: this.#queue, metrics: this.#metrics },
      { controller: init.name, backoff: init.backoff ?? DEFAULT_BACKOFF },
    );
  }

  /** Works until the signal ends; resolves when the last run has. Rejects when a source does. */
  async start(signal: AbortSignal): Promise<void> {
    const { sources, workers = 4 } = this.#init;
    await runTogether(signal, [
      (scope) => ended(scope).then(() => this.#queue.shutDown()),
      ...sources.map((source) => (scope: AbortSignal) => source.start((key) => this.enqueue(key), scope)),
      ...Array.from({ length: workers }, () => (scope: AbortSignal) => this.#work(scope)),
    ]).finally(() => this.#drain());
  }

  /** Asks for a look at this key. */
  enqueue(key: ObjectKey<K>): void {
    this.#queue.add(formatKey(key));
  }

  /** Whether nothing is under way and nothing will be due within `milliseconds`. */
  isIdle(milliseconds = 0): boolean {
    return this.#queue.isIdle(milliseconds);
  }

  /** How many runs have begun so far. */
  get runs(): number {
    return this.#queue.taken;
  }

  async #work(signal: AbortSignal): Promise<void> {
    for (let key = await this.#queue.get(); key !== undefined; key = await this.#queue.get()) {
      await this.#process(key, signal);
      if (this.#queue.taken % YIELD_EVERY === 0) await yieldToEventLoop();
    }
  }

  /**
   * Returns when the run has ended or had to. A run that does not give up keeps its key - two of one
   * key would undo each other's work - but not its worker.
   */
  async #process(key: string, signal: AbortSignal): Promise<void> {
    const { timeoutMs = 60_000 } = this.#init;
    const overdue = () => new StatusError('Timeout', `reconciling took longer than ${timeoutMs / 1000} s`);
    const limit = deadline(this.#clock, signal, timeoutMs, overdue);
    const run = this.#run(key, limit.signal, signal).finally(() => this.#runs.delete(run));
    this.#runs.add(run);
    await Promise.race([run, ended(limit.signal)]).finally(limit.release);
  }

  /** Never rejects. What a run says once it had to give up does not matter any more. */
  async #run(key: string, signal: AbortSignal, shutdown: AbortSignal): Promise<void> {
    const startedAt = this.#clock.now();
    try {
      this.#retries.succeeded(key, await this.#init.reconciler.reconcile(parseKey(key), signal));
    } catch (error) {
      if (!shutdown.aborted) this.#failed(key, signal.aborted ? signal.reason : error);
    } finally {
      this.#queue.done(key);
      const seconds = (this.#clock.now() - startedAt) / 1000;
      this.#metrics.observe('peercompute_reconcile_time_seconds', seconds, { controller: this.name });
    }
  }

  #failed(key: string, error: unknown): void {
    const { owner, namespace, name } = parseKey(key);
    const fields = { owner, namespace, name, reconcileID: randomUUID() };
    this.#retries.failed(key, error, this.#logger.child(fields));
  }

  /** Runs that ignore the signal must not hold up the end for ever. */
  async #drain(): Promise<void> {
    const late = Promise.withResolvers<void>();
    const cancel = this.#clock.after(SHUTDOWN_MS, late.resolve);
    await Promise.race([Promise.all(this.#runs), late.promise]).finally(cancel);
    if (this.#runs.size > 0)
      this.#logger.warn('Reconciles did not end in time', { running: this.#runs.size });
  }
}
