import type { Duplex } from 'node:stream';
import { MAX_COPIED_BYTES } from './limits.ts';

/** What happens at the other end of a wire. */
export interface WireEvents {
  /** Bytes came. */
  read(bytes: Buffer): void;
  /** What was written is gone: there is room again. */
  drained(): void;
  /** The other side closed its sending half. */
  ended(): void;
  /** No byte will come or go any more. With an error when the stream broke. */
  closed(error: Error | undefined): void;
}

/** One stream of bytes in both directions, which calls back directly. */
export class Wire {
  readonly #stream: Duplex;
  #events: WireEvents | undefined;
  #error: Error | undefined;
  #paused = false;
  #full = false;
  #ended = false;

  constructor(stream: Duplex) {
    this.#stream = stream;
    stream.on('error', (error) => {
      this.#error = error;
    });
  }

  /** Begins to read. */
  start(events: WireEvents): void {
    this.#events = events;
    this.#stream.on('close', () => this.#events?.closed(this.#error));
    this.#stream.on('end', () => {
      this.#ended = true;
      this.#events?.ended();
    });
    this.#stream.on('drain', () => this.#drained());
    this.#stream.on('data', (bytes: Buffer) => this.#events?.read(bytes));
    if (this.#stream.closed) events.closed(this.#error);
  }

  /** Whether more is written than the other side has taken. */
  get full(): boolean {
    return this.#full;
  }

  /** Whether the other side has closed its sending half. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Never fails: who is gone says so in `closed`. */
  write(bytes: Buffer): void {
    if (this.#stream.writable) this.#full = !this.#stream.write(bytes);
  }

  /**
   * Writes a head and the beginning of its body, in one call of the kernel. A small body is handed to `render`, to be
   * copied behind the head: that is the cheapest.
   */
  writeMessage(body: Buffer | undefined, render: (tail?: Buffer) => Buffer): void {
    if (body && body.length > MAX_COPIED_BYTES) this.#writeBoth(render(), body);
    else this.write(render(body));
  }

  /** Stops reading, or goes on with it. */
  flow(wanted: boolean): void {
    if (wanted !== this.#paused) return;
    this.#paused = !wanted;
    if (wanted) this.#stream.resume();
    else this.#stream.pause();
  }

  /** Closes the sending half behind what is written. */
  end(): void {
    if (this.#stream.writable) this.#stream.end();
  }

  /** Ends both halves at once; `closed` follows. */
  destroy(): void {
    this.#stream.destroy();
  }

  /** The same, without a word. */
  discard(): void {
    this.#events = undefined;
    this.#stream.destroy();
  }

  /** Ends both halves, without a word, once what is written has gone. */
  finish(finished: () => void): void {
    this.#events = undefined;
    this.#stream.end(() => {
      this.#stream.destroy();
      finished();
    });
  }

  #writeBoth(head: Buffer, body: Buffer): void {
    this.#stream.cork();
    this.write(head);
    this.write(body);
    this.#stream.uncork();
  }

  #drained(): void {
    this.#full = false;
    this.#events?.drained();
  }
}
