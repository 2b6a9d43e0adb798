import type { Clock } from '../../../../controllers/ports/clock.ts';

/**
 * One moment that moves with every step of a connection. Moving it further away touches no timer: the one that is
 * set looks again when it fires.
 */
export class Deadline {
  readonly #clock: Clock;
  readonly #expired: () => void;
  #due = Number.POSITIVE_INFINITY;
  #firesAt = Number.POSITIVE_INFINITY;
  #fixed = false;
  #cancel: (() => void) | undefined;

  constructor(clock: Clock, expired: () => void) {
    this.#clock = clock;
    this.#expired = expired;
  }

  /** Moves it to `milliseconds` from now, unless it is fixed. */
  move(milliseconds: number): void {
    if (!this.#fixed) this.#set(milliseconds);
  }

  /** Sets it to `milliseconds` from now, where it stays until it is released. */
  fix(milliseconds: number): void {
    this.#fixed = true;
    this.#set(milliseconds);
  }

  /** Whether it stays where it is. */
  get fixed(): boolean {
    return this.#fixed;
  }

  release(): void {
    this.#fixed = false;
  }

  /** For good. */
  cancel(): void {
    this.#fixed = true;
    this.#cancel?.();
  }

  #set(milliseconds: number): void {
    this.#due = this.#clock.now() + milliseconds;
    if (this.#due < this.#firesAt) this.#arm(milliseconds);
  }

  #arm(milliseconds: number): void {
    this.#cancel?.();
    this.#firesAt = this.#due;
    this.#cancel = this.#clock.after(milliseconds, () => this.#look());
  }

  #look(): void {
    const left = this.#due - this.#clock.now();
    this.#firesAt = Number.POSITIVE_INFINITY;
    if (left > 0) this.#arm(left);
    else this.#expired();
  }
}
