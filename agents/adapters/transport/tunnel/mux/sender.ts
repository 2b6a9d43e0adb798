import type { BytePipe } from '../pipe/byte-pipe.ts';
import type { Flight } from './flight.ts';
import { FrameBatch } from './frame-batch.ts';
import { type FrameType, FrameType as Type } from './frames.ts';

/** Written at once: what comes meanwhile waits for no more than this. */
const BATCH_BYTES = 256 * 1024;

/** Answers that a peer causes but does not read. All that we ourselves say at once is far less. */
const MAX_UNSENT_BYTES = 4 * 1024 * 1024;

/** Something with bytes to send. */
export interface Source {
  /** Puts at most one frame of data into the batch, and whether more could follow. */
  send(batch: FrameBatch): boolean;
}

interface Components {
  pipe: BytePipe;
  flight: Flight;
  /** The other side does not read. */
  onStuck: () => void;
}

/**
 * Writes frames: all of one turn of the event loop in one go, data by turns, a frame of each stream, and no
 * more of it than the path carries. What a stream says after a silence goes before what others have queued.
 */
export class Sender {
  readonly #pipe: BytePipe;
  readonly #flight: Flight;
  readonly #onStuck: () => void;
  readonly #batch = new FrameBatch();
  readonly #fresh = new Set<Source>();
  readonly #backlog = new Set<Source>();
  #scheduled = false;
  /** The pipe is full. */
  #blocked = false;
  #closed = false;
  #pacing = false;

  constructor({ pipe, flight, onStuck }: Components) {
    this.#pipe = pipe;
    this.#flight = flight;
    this.#onStuck = onStuck;
  }

  /** A source has something to send. */
  ready(source: Source): void {
    if (!this.#backlog.has(source)) this.#fresh.add(source);
    this.#schedule();
  }

  remove(source: Source): void {
    this.#fresh.delete(source);
    this.#backlog.delete(source);
  }

  /** A frame that moves no data goes with the next batch, whatever else waits. */
  control(type: FrameType, streamID: number, payload?: Uint8Array): void {
    this.#batch.control(type, streamID, payload);
    this.#schedule();
  }

  /** Likewise, with numbers as payload. */
  numbers(type: FrameType, streamID: number, ...values: readonly number[]): void {
    this.#batch.numbers(type, streamID, ...values);
    this.#schedule();
  }

  ping(): void {
    this.numbers(Type.ping, 0, this.#flight.probe());
  }

  /** A pong made room. */
  resume(): void {
    if (this.#fresh.size + this.#backlog.size > 0) this.#schedule();
  }

  /** The pipe has room again. */
  drained(): void {
    this.#blocked = false;
    if (!this.#scheduled) this.#flush();
  }

  /** Sends what control frames wait, and nothing after them. */
  close(): void {
    if (!this.#closed && this.#batch.bytes > 0) this.#write();
    this.#closed = true;
    this.#fresh.clear();
    this.#backlog.clear();
  }

  /** After the sockets of this turn were read: what they all had to say becomes one write. */
  #schedule(): void {
    if (this.#scheduled || this.#closed) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#flush();
    });
  }

  #flush(): void {
    while (!this.#blocked && !this.#closed) {
      this.#fill();
      this.#probe();
      if (
        !this.#pacing &&
        !this.#flight.isFull &&
        !this.#flight.isOpen &&
        this.#fresh.size + this.#backlog.size > 0
      ) {
        this.#pacing = true;
        setTimeout(() => {
          this.#pacing = false;
          this.#flush();
        }, 2).unref();
      }
      if (this.#batch.bytes === 0) return;
      this.#write();
    }
    if (this.#batch.bytes > MAX_UNSENT_BYTES) this.#onStuck();
  }

  #fill(): void {
    while (this.#batch.bytes < BATCH_BYTES) {
      const source = this.#flight.isOpen ? this.#next() : undefined;
      if (!source) return;
      const before = this.#batch.bytes;
      const hasMore = source.send(this.#batch);
      this.#flight.sent(this.#batch.bytes - before);
      this.#probe();
      if (!hasMore) continue;
      this.#fresh.delete(source);
      this.#backlog.add(source);
    }
  }

  #next(): Source | undefined {
    for (const waiting of [this.#fresh, this.#backlog])
      for (const source of waiting) {
        waiting.delete(source);
        return source;
      }
    return undefined;
  }

  #probe(): void {
    if (this.#flight.wantsProbe) this.#batch.numbers(Type.ping, 0, this.#flight.probe());
  }

  #write(): void {
    this.#blocked = !this.#pipe.write(this.#batch.take());
  }
}
