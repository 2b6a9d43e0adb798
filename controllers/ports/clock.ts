/** Time, so that a test can turn it. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Calls back once after `milliseconds`; the returned function cancels. Never keeps a process alive. */
  after(milliseconds: number, callback: () => void): () => void;
}
