import type { Clock } from '../ports/clock.ts';
import type { Metrics } from '../ports/metrics.ts';

interface Delayed {
  due: number;
  cancel: () => void;
}

/**
 * Keys to look at again. A key is in it at most once, however often it is added; it is never with two
 * workers at a time; and one that is added while a worker has it comes again afterwards, behind all
 * others: a key that never rests cannot starve them.
 */
export class WorkQueue {
  readonly #clock: Clock;
  readonly #metrics: Metrics;
  readonly #labels: { name: string };
  /** Keys nobody works on, in order, and since when they wait. */
  readonly #waiting = new Map<string, number>();
  readonly #processing = new Set<string>();
  /** Added again while a worker had them. */
  readonly #dirty = new Set<string>();
  readonly #delayed = new Map<string, Delayed>();
  readonly #workers: ((key: string | undefined) => void)[] = [];
  #taken = 0;
  #ended = false;

  constructor(components: { clock: Clock; metrics: Metrics }, init: { name: string }) {
    this.#clock = components.clock;
    this.#metrics = components.metrics;
    this.#labels = { name: init.name };
  }

  add(key: string): void {
    if (this.#ended || this.#waiting.has(key) || this.#dirty.has(key)) return;
    this.#metrics.increment('peercompute_workqueue_adds_total', this.#labels);
    if (this.#processing.has(key)) this.#dirty.add(key);
    else this.#enqueue(key);
  }

  /** Adds the key later. Of several delays of one key the earliest wins. */
  addAfter(key: string, milliseconds: number): void {
    const due = this.#clock.now() + milliseconds;
    const earlier = this.#delayed.get(key);
    if (this.#ended || (earlier && earlier.due <= due)) return;
    earlier?.cancel();
    this.#delayed.delete(key);
    if (milliseconds <= 0) this.add(key);
    else this.#delayed.set(key, { due, cancel: this.#clock.after(milliseconds, () => this.#ripen(key)) });
  }

  /** The next key, once there is one; undefined after {@link shutDown}. Each needs a {@link done}. */
  async get(): Promise<string | undefined> {
    if (this.#ended) return undefined;
    const [key] = this.#waiting.keys();
    if (key !== undefined) return this.#take(key);
    return new Promise((resolve) => this.#workers.push(resolve));
  }

  /** The worker has finished with the key. */
  done(key: string): void {
    this.#processing.delete(key);
    if (this.#dirty.delete(key) && !this.#ended) this.#enqueue(key);
  }

  /** Workers get undefined, what waits is dropped and later additions are ignored: the next start lists everything. */
  shutDown(): void {
    this.#ended = true;
    for (const { cancel } of this.#delayed.values()) cancel();
    this.#delayed.clear();
    this.#waiting.clear();
    this.#dirty.clear();
    for (const worker of this.#workers.splice(0)) worker(undefined);
  }

  /** Keys that wait for a worker. */
  get depth(): number {
    return this.#waiting.size;
  }

  /** How many keys have been given to workers so far. */
  get taken(): number {
    return this.#taken;
  }

  /** Whether nobody works and nothing will be due within `milliseconds`. */
  isIdle(milliseconds = 0): boolean {
    const horizon = this.#clock.now() + milliseconds;
    const soon = [...this.#delayed.values()].some(({ due }) => due <= horizon);
    return this.#waiting.size === 0 && this.#processing.size === 0 && !soon;
  }

  #ripen(key: string): void {
    this.#delayed.delete(key);
    this.add(key);
  }

  #enqueue(key: string): void {
    this.#waiting.set(key, this.#clock.now());
    this.#showDepth();
    this.#workers.shift()?.(this.#take(key));
  }

  #take(key: string): string {
    const waited = this.#clock.now() - (this.#waiting.get(key) ?? this.#clock.now());
    this.#waiting.delete(key);
    this.#processing.add(key);
    this.#taken += 1;
    this.#showDepth();
    this.#metrics.observe('peercompute_workqueue_queue_duration_seconds', waited / 1000, this.#labels);
    return key;
  }

  #showDepth(): void {
    this.#metrics.set('peercompute_workqueue_depth', this.#waiting.size, this.#labels);
  }
}
