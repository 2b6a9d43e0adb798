import type { Clock } from '../../controllers/ports/clock.ts';

interface Timer {
  due: number;
  callback: () => void;
  handle?: NodeJS.Timeout;
}

/** Real time that a test can put forward: for what talks to a real server, and waits for months. */
export class LeapingClock implements Clock {
  #ahead = 0;
  readonly #timers = new Set<Timer>();

  now(): number {
    return Date.now() + this.#ahead;
  }

  after(milliseconds: number, callback: () => void): () => void {
    const timer: Timer = { due: this.now() + milliseconds, callback };
    this.#timers.add(timer);
    this.#arm(timer);
    return () => {
      this.#timers.delete(timer);
      clearTimeout(timer.handle);
    };
  }

  /** It is so much later; what has become due by then is called back now. */
  leap(milliseconds: number): void {
    this.#ahead += milliseconds;
    for (const timer of this.#timers) this.#arm(timer);
  }

  /** Lets what has become due run. */
  async settle(): Promise<void> {
    for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setTimeout(resolve, 1));
  }

  #arm(timer: Timer): void {
    clearTimeout(timer.handle);
    // Those of the far future wait for a leap: Node's timers hold 24 days.
    const left = Math.min(Math.max(0, timer.due - this.now()), 86_400_000);
    const fire = () => {
      this.#timers.delete(timer);
      timer.callback();
    };
    timer.handle = setTimeout(fire, left).unref();
  }
}
