import type { BytePipe, PipeHandler } from '../../agents/adapters/transport/tunnel/pipe/byte-pipe.ts';

/** Written and not delivered: as much as a socket takes. */
const FULL_BYTES = 256 * 1024;

/** How bytes are cut on their way, over and over: frames begin and end anywhere. */
const CUTS = [1, 65_536, 7, 16_384, 13, 4_099, 8, 30_000];

/** One end of a pipe within this process; what is written to one comes out of the other, a turn later. */
export class MemoryPipe implements BytePipe {
  #other: MemoryPipe | undefined;
  #handler: PipeHandler | undefined;
  #parts: Buffer[] = [];
  #cut = 0;
  #needsDrain = false;
  #scheduled = false;
  #ended = false;
  #closed = false;
  /** Nothing that is written here arrives while it is. */
  #held = false;

  join(other: MemoryPipe): void {
    this.#other = other;
  }

  start(handler: PipeHandler): void {
    this.#handler = handler;
    this.#other?.schedule();
  }

  write(parts: readonly Buffer[]): boolean {
    if (this.#closed || this.#ended) return true;
    this.#parts.push(...parts);
    this.#needsDrain = this.unsentBytes > FULL_BYTES;
    this.schedule();
    return !this.#needsDrain;
  }

  end(): void {
    this.#ended = true;
    this.schedule();
  }

  destroy(): void {
    this.close();
    this.#other?.close(new Error('the pipe was destroyed'));
  }

  get isStarted(): boolean {
    return this.#handler !== undefined;
  }

  /** Written, but not delivered yet. */
  get unsentBytes(): number {
    return this.#parts.reduce((sum, part) => sum + part.length, 0);
  }

  /** While it is on, nothing comes from the other end, which fills up. */
  holdAnswers(held: boolean): void {
    this.#other?.hold(held);
  }

  hold(held: boolean): void {
    this.#held = held;
    this.schedule();
  }

  /** Hands bytes to the other end at once, so that what goes wrong there goes wrong here. */
  deliverNow(bytes: Buffer): void {
    this.#other?.receive(bytes);
  }

  close(error?: Error): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#parts = [];
    setImmediate(() => this.#handler?.closed(error));
  }

  schedule(): void {
    if (this.#scheduled || this.#held || !this.#other?.isStarted) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#deliver();
    });
  }

  #deliver(): void {
    if (this.#held) return;
    for (let bytes = Buffer.concat(this.#parts.splice(0)); bytes.length > 0; ) {
      const length = CUTS[this.#cut++ % CUTS.length];
      this.#other?.receive(Buffer.from(bytes.subarray(0, length)));
      bytes = bytes.subarray(length);
    }
    const needsDrain = this.#needsDrain;
    this.#needsDrain = false;
    if (needsDrain && !this.#closed) this.#handler?.drain();
    if (this.#ended) this.#finish();
  }

  receive(bytes: Buffer): void {
    if (!this.#closed) this.#handler?.data(bytes);
  }

  #finish(): void {
    this.close();
    this.#other?.close();
  }
}

export function memoryPipes(): [MemoryPipe, MemoryPipe] {
  const [near, far] = [new MemoryPipe(), new MemoryPipe()];
  near.join(far);
  far.join(near);
  return [near, far];
}
