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

  /** False: that was one too many. */
  take(): boolean {
    if (this.isEmpty) return false;
    this.#tokens -= 1;
    return true;
  }

  get isEmpty(): boolean {
    if (this.#tokens < 1) this.#fill();
    return this.#tokens < 1;
  }

  #fill(): void {
    const now = this.#clock.now();
    // A clock may be set back.
    const seconds = Math.max(0, now - this.#filledAt) / 1_000;
    this.#tokens = Math.min(this.#burst, this.#tokens + seconds * this.#perSecond);
    this.#filledAt = now;
  }
}
