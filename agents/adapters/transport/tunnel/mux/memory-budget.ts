/** Nobody gets more than this part of what is left: the first ones must not take it all. */
const SHARE = 1 / 8;

/** Bytes that the streams of a connection share. */
export class MemoryBudget {
  #left: number;

  constructor(init: { bytes: number }) {
    this.#left = init.bytes;
  }

  /** Answers how many of the bytes asked for are granted, from none to all. */
  take(bytes: number): number {
    const granted = Math.min(bytes, Math.floor(this.#left * SHARE));
    this.#left -= granted;
    return granted;
  }

  give(bytes: number): void {
    this.#left += bytes;
  }
}
