import { LOG_RESUME_TIMEOUT_MS } from '../../../api/protocol/limits.ts';
import type { Clock } from '../../../controllers/ports/clock.ts';

/** Pauses between attempts, in milliseconds: short at first, then twice as long each time. */
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 5_000;

/** How long to go on trying to reach a peer that was reached before, and how often. */
export class Patience {
  readonly #clock: Clock;
  /** None before the first contact. */
  #until = 0;
  #pause = FIRST_PAUSE_MS;

  constructor({ clock }: { clock: Clock }) {
    this.#clock = clock;
  }

  get exhausted(): boolean {
    return this.#clock.now() >= this.#until;
  }

  /** The peer was there until now. */
  renew(): void {
    this.#until = this.#clock.now() + LOG_RESUME_TIMEOUT_MS;
  }

  /** The peer said something useful: the next attempt may come soon. */
  reward(): void {
    this.#pause = FIRST_PAUSE_MS;
  }

  /** Resolves when it is time for the next attempt, or at once by the signal. */
  async wait(signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const cancel = this.#clock.after(this.#pause, resolve);
    this.#pause = Math.min(2 * this.#pause, LONGEST_PAUSE_MS);
    signal.addEventListener('abort', () => resolve(), { once: true });
    await promise;
    cancel();
  }
}
