/** What has come and nobody has taken yet. */
export class Inbox {
  readonly #take: (bytes: Buffer) => number;
  #bytes: Buffer | undefined;
  #working = false;

  /** `take` answers how many bytes it took from the beginning; 0 while it can take none. */
  constructor(take: (bytes: Buffer) => number) {
    this.#take = take;
  }

  get empty(): boolean {
    return this.#bytes === undefined;
  }

  put(bytes: Buffer): void {
    this.#bytes = this.#bytes ? Buffer.concat([this.#bytes, bytes]) : bytes;
  }

  /**
   * Offers what there is until nothing is left or nothing is taken. Answers false, and does nothing, when it is called
   * from within `take`: the work goes on behind that by itself.
   */
  work(): boolean {
    if (this.#working) return false;
    this.#working = true;
    while (this.#bytes && this.#offer(this.#bytes));
    this.#working = false;
    return true;
  }

  #offer(bytes: Buffer): boolean {
    const taken = this.#take(bytes);
    this.#bytes = taken < bytes.length ? bytes.subarray(taken) : undefined;
    return taken > 0;
  }
}
