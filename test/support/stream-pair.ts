import { Duplex } from 'node:stream';

/** Two ends of one wire in memory, which behaves as TCP does: halves close on their own, and who is destroyed resets the other. */
export function streamPair(): [Duplex, Duplex] {
  const [one, other] = [new End(), new End()];
  one.peer = other;
  other.peer = one;
  return [one, other];
}

class End extends Duplex {
  peer: End | undefined;
  /** Goes on with what the other end writes, once this one has room. */
  #resume: (() => void) | undefined;

  constructor() {
    super({ allowHalfOpen: true });
  }

  override _read(): void {
    const resume = this.#resume;
    this.#resume = undefined;
    resume?.();
  }

  override _write(bytes: Buffer, _: BufferEncoding, written: () => void): void {
    process.nextTick(() => this.peer!.#take(bytes, written));
  }

  override _final(ended: () => void): void {
    process.nextTick(() => {
      if (!this.peer!.destroyed) this.peer!.push(null);
      ended();
    });
  }

  override _destroy(error: Error | null, destroyed: (error: Error | null) => void): void {
    const whole = this.readableEnded && this.writableFinished;
    if (!whole) process.nextTick(() => this.peer!.destroy(new Error('reset')));
    this._read();
    destroyed(error);
  }

  #take(bytes: Buffer, written: () => void): void {
    if (this.destroyed || this.push(bytes)) written();
    else this.#resume = written;
  }
}
