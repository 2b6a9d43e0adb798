import type { Clock } from '../../../../../controllers/ports/clock.ts';

/** What may go at once, in milliseconds of the rate: more than timers are late, less than anybody notices. */
const BURST_MS = 4;

/** Spreads bytes over time. */
export class Pacer {
  readonly #clock: Clock;
  #tokens = 0;
  #filledAt: number;

  constructor(components: { clock: Clock }) {
    this.#clock = components.clock;
    this.#filledAt = this.#clock.now();
  }

  spend(bytes: number): void {
    this.#tokens -= bytes;
  }

  /** Whether the next may go; it may be larger than what is allowed now, which is made up for afterwards. */
  allows(bytesPerMs: number): boolean {
    if (this.#tokens > 0) return true;
    const now = this.#clock.now();
    // A clock may be set back.
    const elapsedMs = Math.max(0, now - this.#filledAt);
    this.#filledAt = now;
    this.#tokens = Math.min(bytesPerMs * BURST_MS, this.#tokens + bytesPerMs * elapsedMs);
    return this.#tokens > 0;
  }
}
