import type { Clock } from '../../../../../controllers/ports/clock.ts';

/** Allows so many a second in the long run, and a burst now and then. */
export class TokenBucket {
  readonly #clock: Clock;
  readonly #perSecond: number;
  readonly #burst: number;
  #tokens: number;
  #filledAt: number;

  constructor(components: { clock: Clock }, init: { perSecond: number; burst: number }) {
    this.#clock = components.clock;
    this.#perSecond = init.perSecond;
    this.#burst = init.burst;
    this.#tokens = init.burst;
    this.#filledAt = this.#clock.now();
  }

  /** False: that was too many, and none was taken. */
  take(tokens = 1): boolean {
    if (!this.#has(tokens)) return false;
    this.#tokens -= tokens;
    return true;
  }

  get isEmpty(): boolean {
    return !this.#has(1);
  }

  /** The clock is looked at only when it matters. */
  #has(tokens: number): boolean {
    if (this.#tokens < tokens) this.#fill();
    return this.#tokens >= tokens;
  }

  #fill(): void {
    const now = this.#clock.now();
    // A clock may be set back.
    const seconds = Math.max(0, now - this.#filledAt) / 1_000;
    this.#tokens = Math.min(this.#burst, this.#tokens + seconds * this.#perSecond);
    this.#filledAt = now;
  }
}
