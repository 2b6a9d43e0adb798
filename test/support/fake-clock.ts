import type { Clock } from '../../controllers/ports/clock.ts';

interface Timer {
  due: number;
  callback: () => void;
}

/** One turn of the event loop runs all promises; a few more let code through that itself waits for its turn. */
const TURNS = 5;

/** A clock that stands still until a test turns it. */
export class FakeClock implements Clock {
  #now: number;
  readonly #timers = new Set<Timer>();

  constructor(start: number | string = '2030-01-01T00:00:00Z') {
    this.#now = new Date(start).getTime();
  }

  now(): number {
    return this.#now;
  }

  after(milliseconds: number, callback: () => void): () => void {
    const timer = { due: this.#now + Math.max(0, milliseconds), callback };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  /** How many callbacks wait for their time: 0 once everything has ended. */
  get pending(): number {
    return this.#timers.size;
  }

  /** When the next callback is due, in milliseconds since the epoch. */
  get next(): number | undefined {
    return this.#first()?.due;
  }

  /**
   * Lets time pass: calls back what falls due, in order and each at its own time, and lets what it set
   * off settle before the next. Timers that come of it count too.
   */
  async advance(milliseconds: number): Promise<void> {
    const end = this.#now + milliseconds;
    await this.settle();
    for (let timer = this.#first(); timer && timer.due <= end; timer = this.#first()) {
      this.#timers.delete(timer);
      this.#now = Math.max(this.#now, timer.due);
      timer.callback();
      await this.settle();
    }
    this.#now = Math.max(this.#now, end);
  }

  /**
   * Lets promises settle that wait for nothing but each other, without time passing. What waits for the
   * world (files, sockets, the first import of a module) takes longer: use `eventually`.
   */
  async settle(): Promise<void> {
    for (let turn = 0; turn < TURNS; turn++) await new Promise((resolve) => setImmediate(resolve));
  }

  /** Timers of the same time come in the order they were set, as a Set keeps it. */
  #first(): Timer | undefined {
    let first: Timer | undefined;
    for (const timer of this.#timers) if (!first || timer.due < first.due) first = timer;
    return first;
  }
}
