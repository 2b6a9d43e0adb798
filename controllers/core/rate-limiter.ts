export interface Backoff {
  /** Delay after the first failure, in milliseconds; each further one doubles it. */
  baseMs: number;
  /** It never exceeds this. */
  capMs: number;
}

/** The delay after so many failures in a row, in milliseconds. */
export function backoffMs({ baseMs, capMs }: Backoff, failures: number): number {
  return Math.min(capMs, baseMs * 2 ** Math.max(0, failures - 1));
}

/**
 * Between half of a delay and all of it: those who failed together do not come back together.
 * @param random from 0 up to 1.
 */
export function jitter(milliseconds: number, random: number): number {
  return milliseconds * (0.5 + random / 2);
}

/** Counts the failures in a row of each key. */
export class RateLimiter {
  readonly #backoff: Backoff;
  readonly #failures = new Map<string, number>();

  constructor(backoff: Backoff) {
    this.#backoff = backoff;
  }

  /** Counts a failure; answers how long to wait before the next attempt, in milliseconds. */
  when(key: string): number {
    const failures = this.failures(key) + 1;
    this.#failures.set(key, failures);
    return backoffMs(this.#backoff, failures);
  }

  failures(key: string): number {
    return this.#failures.get(key) ?? 0;
  }

  /** It worked, or is no longer tried: the next failure is the first. */
  forget(key: string): void {
    this.#failures.delete(key);
  }
}
