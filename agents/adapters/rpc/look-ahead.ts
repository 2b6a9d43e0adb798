/** An async iterator whose next value can be waited for without taking it. */
export class LookAhead<T> {
  readonly #source: AsyncIterator<T>;
  #next: Promise<IteratorResult<T>> | undefined;

  constructor(source: AsyncIterable<T>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  /** The value that {@link take} would pass over; asks the source for it once. */
  peek(): Promise<IteratorResult<T>> {
    if (!this.#next) {
      this.#next = this.#source.next();
      // Who waits for it sees the error; when nobody waits any more it must not end the process.
      this.#next.catch(() => undefined);
    }
    return this.#next;
  }

  take(): void {
    this.#next = undefined;
  }

  /** Tells the source that no more is wanted. */
  async end(): Promise<void> {
    await this.#source.return?.();
  }
}
