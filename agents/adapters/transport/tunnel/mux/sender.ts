import type { Clock } from '../../../../../controllers/ports/clock.ts';
import type { BytePipe } from '../pipe/byte-pipe.ts';
import type { Flight } from './flight.ts';
import { FrameBatch } from './frame-batch.ts';
import { type FrameType, FrameType as Type } from './frames.ts';

/** Written at once: what comes meanwhile waits for no more than this. */
const BATCH_BYTES = 256 * 1024;

/** Answers that a peer causes but does not read. All that we ourselves say at once is far less. */
const MAX_UNSENT_BYTES = 4 * 1024 * 1024;

/** How long to wait where bytes are spread over time. */
const PACE_MS = 2;

/** Something with bytes to send. */
export interface Source {
  /** Puts at most one frame of data into the batch, and answers whether more could follow. */
  send(batch: FrameBatch): boolean;
}

interface Components {
  pipe: BytePipe;
  flight: Flight;
  clock: Clock;
  /** The other side does not read. */
  onStuck: () => void;
}

/**
 * Writes frames: all of one turn of the event loop in one go, data by turns, a frame of each stream, and no
 * more of it than the path carries. What a stream says after a silence goes before what others have queued.
 */
export class Sender {
  readonly #components: Components;
  readonly #batch = new FrameBatch();
  readonly #fresh = new Set<Source>();
  readonly #backlog = new Set<Source>();
  #isScheduled = false;
  #isWaiting = false;
  /** The pipe is full. */
  #isBlocked = false;
  #isClosed = false;

  constructor(components: Components) {
    this.#components = components;
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
    this.numbers(Type.ping, 0, this.#components.flight.probe());
  }

  /** Bytes have arrived, which may make room for others. */
  resume(): void {
    if (this.#hasSources) this.#schedule();
  }

  /** The pipe has room again. */
  drained(): void {
    this.#isBlocked = false;
    if (!this.#isScheduled) this.#flush();
  }

  /** Sends the control frames that wait, and nothing after them. */
  close(): void {
    if (!this.#isClosed && this.#batch.bytes > 0) this.#write();
    this.#isClosed = true;
    this.#fresh.clear();
    this.#backlog.clear();
  }

  /** After the sockets of this turn were read: what they all had to say becomes one write. */
  #schedule(): void {
    if (this.#isScheduled || this.#isClosed) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      this.#flush();
    });
  }

  #flush(): void {
    while (!this.#isBlocked && !this.#isClosed) {
      this.#fill();
      this.#probe();
      if (this.#batch.bytes === 0) return;
      this.#write();
    }
    if (this.#batch.bytes > MAX_UNSENT_BYTES) this.#components.onStuck();
  }

  #fill(): void {
    const { flight } = this.#components;
    while (this.#batch.bytes < BATCH_BYTES && this.#hasSources && !flight.isFull) {
      if (flight.isPaced) {
        this.#wait();
        return;
      }
      this.#send(this.#next());
      this.#probe();
    }
  }

  #send(source: Source): void {
    const before = this.#batch.bytes;
    const hasMore = source.send(this.#batch);
    this.#components.flight.sent(this.#batch.bytes - before);
    if (!hasMore) return;
    // While it sent its last chunk it may have got the next: nothing that is fresh.
    this.#fresh.delete(source);
    this.#backlog.add(source);
  }

  get #hasSources(): boolean {
    return this.#fresh.size + this.#backlog.size > 0;
  }

  #next(): Source {
    const waiting = this.#fresh.size > 0 ? this.#fresh : this.#backlog;
    const source = waiting.values().next().value as Source;
    waiting.delete(source);
    return source;
  }

  #probe(): void {
    const { flight } = this.#components;
    if (flight.wantsProbe) this.#batch.numbers(Type.ping, 0, flight.probe());
  }

  #wait(): void {
    if (this.#isWaiting) return;
    this.#isWaiting = true;
    this.#components.clock.after(PACE_MS, () => {
      this.#isWaiting = false;
      this.resume();
    });
  }

  #write(): void {
    this.#isBlocked = !this.#components.pipe.write(this.#batch.take());
  }
}
