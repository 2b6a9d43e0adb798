import type { Logger } from '../ports/logger.ts';
import type { Metrics } from '../ports/metrics.ts';
import { type ErrorPolicy, policyOf } from './error-policy.ts';
import { type Backoff, RateLimiter } from './rate-limiter.ts';
import type { WorkQueue } from './workqueue.ts';

/** What a run of a reconciler asks for. */
export interface Result {
  /** Look again after so many milliseconds, even if nothing happens. */
  requeueAfterMs?: number;
}

/** Someone else wrote first: by the second or third attempt their write has arrived here too. */
const CONFLICT_BACKOFF = { baseMs: 5, capMs: 1_000 };

/** What follows a run: the whole retry policy of a controller. */
export class Retries {
  readonly #queue: WorkQueue;
  readonly #metrics: Metrics;
  readonly #controller: string;
  readonly #failures: RateLimiter;
  readonly #conflicts = new RateLimiter(CONFLICT_BACKOFF);
  /** What each failing key last failed of: the same again is not news. */
  readonly #complaints = new Map<string, string>();

  constructor(
    components: { queue: WorkQueue; metrics: Metrics },
    init: { controller: string; backoff: Backoff },
  ) {
    this.#queue = components.queue;
    this.#metrics = components.metrics;
    this.#controller = init.controller;
    this.#failures = new RateLimiter(init.backoff);
  }

  succeeded(key: string, { requeueAfterMs }: Result): void {
    this.#forget(key);
    this.#count(requeueAfterMs === undefined ? 'success' : 'requeue_after');
    if (requeueAfterMs !== undefined) this.#queue.addAfter(key, requeueAfterMs);
  }

  failed(key: string, error: unknown, logger: Logger): void {
    const policy = policyOf(error);
    const retryAfterMs = this.#delay(key, policy);
    this.#count(policy.requeue === 'soon' ? 'conflict' : 'error');
    logger[this.#level(key, error, policy)]('Reconcile failed', {
      error,
      reason: policy.reason,
      retryAfterMs,
    });
    if (retryAfterMs !== undefined) this.#queue.addAfter(key, retryAfterMs);
  }

  #delay(key: string, { requeue }: ErrorPolicy): number | undefined {
    if (requeue === 'backOff') return this.#failures.when(key);
    if (requeue === 'soon') return this.#conflicts.when(key);
    this.#failures.forget(key);
    return undefined;
  }

  #level(key: string, error: unknown, policy: ErrorPolicy): ErrorPolicy['level'] {
    if (policy.requeue === 'soon') return 'debug';
    const complaint = `${policy.reason}: ${error instanceof Error ? error.message : error}`;
    const known = this.#complaints.get(key) === complaint;
    this.#complaints.set(key, complaint);
    return known ? 'debug' : policy.level;
  }

  #forget(key: string): void {
    this.#failures.forget(key);
    this.#conflicts.forget(key);
    this.#complaints.delete(key);
  }

  #count(result: string): void {
    this.#metrics.increment('peercompute_reconcile_total', { controller: this.#controller, result });
  }
}
