import { channelClosed } from '../errors.ts';

/** What yamux lets a sender have under way before the reader takes some: slow readers look the same here. */
const CAPACITY_BYTES = 256 * 1024;

/** Hands a change to the reader's end: at once, or after the delay of the link. */
export type Deliver = (change: () => void) => void;

/** One direction of a channel: bounded, ordered bytes that end once, cleanly or by an error. */
export class Pipe {
  readonly #deliver: Deliver;
  readonly #chunks: Uint8Array[] = [];
  #pendingBytes = 0;
  #closed = false;
  #ended = false;
  #writerError: Error | undefined;
  #readerError: Error | undefined;
  #changed = Promise.withResolvers<void>();

  constructor(deliver: Deliver) {
    this.#deliver = deliver;
  }

  /** The writer's half is closed. */
  get closed(): boolean {
    return this.#closed;
  }

  /** The reader's end knows that nothing more will come. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Takes all of `bytes` and resolves when there is room for more. */
  async write(bytes: Uint8Array): Promise<void> {
    if (this.#writerError) throw this.#writerError;
    if (this.#closed) throw channelClosed();
    // The caller may reuse its buffer, as it may after a socket has sent it.
    const copy = bytes.slice();
    this.#pendingBytes += copy.length;
    if (copy.length > 0) this.#deliver(() => this.#update(() => this.#chunks.push(copy)));
    while (this.#pendingBytes > CAPACITY_BYTES && !this.#writerError) await this.#changed.promise;
    if (this.#writerError) throw this.#writerError;
  }

  async read(): Promise<Uint8Array | undefined> {
    for (;;) {
      if (this.#readerError) throw this.#readerError;
      const chunk = this.#chunks.shift();
      if (chunk) {
        this.#update(() => (this.#pendingBytes -= chunk.length));
        return chunk;
      }
      if (this.#ended) return undefined;
      await this.#changed.promise;
    }
  }

  close(onEnd: () => void): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#deliver(() => {
      this.#update(() => (this.#ended = true));
      onEnd();
    });
  }

  breakWriter(error: Error): void {
    this.#update(() => (this.#writerError = error));
  }

  /** Bytes not yet read are gone, as after a reset. */
  breakReader(error: Error): void {
    this.#update(() => (this.#readerError = error));
  }

  #update(change: () => void): void {
    change();
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }
}
