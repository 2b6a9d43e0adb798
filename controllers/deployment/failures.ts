import { Reason } from '../../api/v1alpha1/reasons.ts';
import type { Clock } from '../ports/clock.ts';
import { RuntimeError } from '../ports/runtime.ts';
import { backOffMs } from './back-off.ts';
import type { Failure } from './observed.ts';

/**
 * Failures that leave no trace in the runtime, and when to try again: after 10 s, doubled up to 5 min. Kept in memory:
 * an agent that starts anew tries once at once.
 */
export class Failures<K> {
  readonly #clock: Clock;
  /** Reason of an error that has none of its own. */
  readonly #reason: string;
  readonly #entries = new Map<K, { failure: Failure; inARow: number }>();

  constructor({ clock }: { clock: Clock }, { reason }: { reason: string }) {
    this.#clock = clock;
    this.#reason = reason;
  }

  get(key: K): Failure | undefined {
    return this.#entries.get(key)?.failure;
  }

  all(): Map<K, Failure> {
    return new Map([...this.#entries].map(([key, { failure }]) => [key, failure]));
  }

  add(key: K, error: unknown): Failure {
    const inARow = (this.#entries.get(key)?.inARow ?? 0) + 1;
    // Every failure here waits: unlike a process that ended, the same call just failed of the same cause.
    const retryAt = this.#clock.now() + backOffMs(inARow + 1);
    const failure = { ...describe(error, this.#reason), retryAt };
    this.#entries.set(key, { failure, inARow });
    return failure;
  }

  /** It worked, or is no longer tried. */
  delete(key: K): void {
    this.#entries.delete(key);
  }
}

/** Whether the runtime as a whole is away, so that nothing can be said about this call in particular. */
export function isUnavailable(error: unknown): boolean {
  return error instanceof RuntimeError && error.reason === Reason.RuntimeUnavailable;
}

function describe(error: unknown, reason: string): Pick<Failure, 'reason' | 'message' | 'terminal'> {
  const message = error instanceof Error ? error.message : String(error);
  return error instanceof RuntimeError
    ? { reason: error.reason, message, terminal: error.terminal }
    : { reason, message, terminal: false };
}
