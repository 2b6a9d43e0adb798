import type { Clock } from '../../../../controllers/ports/clock.ts';
import { FLOOD_BURST, FLOOD_PER_SECOND } from './limits.ts';

/** Counts what a peer does that costs us and brings nothing, and forgets it as time goes by. */
export class FloodGuard {
  readonly #clock: Clock;
  #left = FLOOD_BURST;
  #since: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#since = clock.now();
  }

  /** Answers whether that was too much. */
  count(cost: number): boolean {
    const now = this.#clock.now();
    this.#left = Math.min(FLOOD_BURST, this.#left + ((now - this.#since) / 1000) * FLOOD_PER_SECOND) - cost;
    this.#since = now;
    return this.#left < 0;
  }
}
