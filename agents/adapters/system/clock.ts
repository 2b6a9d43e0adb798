import type { Clock } from '../../../controllers/ports/clock.ts';

/** Node's timers hold at most 2^31 - 1 ms, about 24 days, and fire at once beyond. Trust expires in years. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Real time. Its timers keep no process alive. */
export const systemClock: Clock = {
  now: () => Date.now(),

  after(milliseconds, callback) {
    let timer: NodeJS.Timeout;
    const arm = (left: number) => {
      const next = left > LONGEST_TIMER_MS ? () => arm(left - LONGEST_TIMER_MS) : callback;
      timer = setTimeout(next, Math.min(left, LONGEST_TIMER_MS)).unref();
    };
    arm(milliseconds);
    return () => clearTimeout(timer);
  },
};
