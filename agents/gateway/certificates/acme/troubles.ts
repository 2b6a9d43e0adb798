import { Reason } from '../../../../api/v1alpha1/reasons.ts';
import { type Backoff, backoffMs, jitter } from '../../../../controllers/core/rate-limiter.ts';
import type { Clock } from '../../../../controllers/ports/clock.ts';
import { foreign, messageOf, timeOf } from '../wording.ts';
import { TooEarly } from './outcome.ts';
import { Unreachable } from './protocol/https.ts';
import { AcmeProblem } from './protocol/problem.ts';

/** Why there is no new certificate yet, in a condition's words. */
export interface Trouble {
  reason: string;
  message: string;
  /** Milliseconds since the epoch. */
  retryAt: number;
}

/** The CA is away: nothing is spent by looking whether it is back. */
const WHILE_AWAY: Backoff = { baseMs: 5_000, capMs: 30 * 60_000 };

/** It has judged: what was wrong is seldom mended within minutes, and each attempt is counted there. */
const AFTER_REFUSAL: Backoff = { baseMs: 30_000, capMs: 6 * 3_600_000 };

/** A CA that asks for more has made a mistake. */
const LONGEST_MS = 7 * 24 * 3_600_000;

/** What stands in the way of each certificate, and when it is tried again. */
export class Troubles {
  readonly #clock: Clock;
  readonly #troubles = new Map<string, Trouble>();
  readonly #failures = new Map<string, number>();

  constructor({ clock }: { clock: Clock }) {
    this.#clock = clock;
  }

  get(id: string): Trouble | undefined {
    return this.#troubles.get(id);
  }

  /** How often in a row it has failed. */
  failures(id: string): number {
    return this.#failures.get(id) ?? 0;
  }

  add(id: string, error: unknown): Trouble {
    const trouble = error instanceof TooEarly ? this.#early(error) : this.#failed(id, error);
    this.#troubles.set(id, trouble);
    return trouble;
  }

  clear(id: string): void {
    this.#troubles.delete(id);
    this.#failures.delete(id);
  }

  /** Nobody has failed. */
  #early({ until, message }: TooEarly): Trouble {
    return { reason: Reason.CertificatePending, message, retryAt: until };
  }

  #failed(id: string, error: unknown): Trouble {
    const failures = this.failures(id) + 1;
    this.#failures.set(id, failures);
    const pause = jitter(backoffMs(isAway(error) ? WHILE_AWAY : AFTER_REFUSAL, failures), Math.random());
    const asked = error instanceof AcmeProblem ? (error.retryAfterMs ?? 0) : 0;
    const retryAt = this.#clock.now() + Math.min(Math.max(pause, asked), LONGEST_MS);
    const message = `${foreign(messageOf(error))}; it is tried again at ${timeOf(retryAt)}`;
    return { reason: Reason.CertificateFailed, message, retryAt };
  }
}

function isAway(error: unknown): boolean {
  return error instanceof Unreachable || (error instanceof AcmeProblem && error.status >= 500);
}
