import type { Clock } from '../ports/clock.ts';
import { sleep } from './abort.ts';

const SECOND_MS = 1_000;

/** Holds up what comes faster than it may: so many in a second, and the next one waits for the next second. */
export class Pace {
  readonly #clock: Clock;
  readonly #perSecond: number;
  /** The second that is counted, and how many there were in it. */
  #since = 0;
  #count = 0;

  constructor({ clock }: { clock: Clock }, { perSecond }: { perSecond: number }) {
    this.#clock = clock;
    this.#perSecond = perSecond;
  }

  /** Resolves when the next one may come, or the signal ends. */
  async keep(signal: AbortSignal): Promise<void> {
    const now = this.#clock.now();
    // A clock that was set back begins a new second too.
    if (now < this.#since || now >= this.#since + SECOND_MS) {
      this.#since = now;
      this.#count = 0;
    }
    this.#count += 1;
    if (this.#count >= this.#perSecond) await sleep(this.#clock, this.#since + SECOND_MS - now, signal);
  }
}
