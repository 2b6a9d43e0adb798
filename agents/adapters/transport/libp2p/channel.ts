import type { Stream } from '@libp2p/interface';
import type { Channel } from '../../../../controllers/ports/transport.ts';
import { channelAborted, channelClosed, connectionLost } from '../errors.ts';

/** Read ahead of the reader, so that small messages do not stop and start the sender one by one. */
const READ_AHEAD_BYTES = 64 * 1024;

/** Written at once; more waits until the stream has taken it, which bounds what the library queues. */
const PIECE_BYTES = 64 * 1024;

/** A libp2p stream, whose events say too little and come too early, as a channel that is read by asking. */
export class Libp2pChannel implements Channel {
  readonly remotePeer: string;
  readonly #stream: Stream;
  readonly #chunks: Uint8Array[] = [];
  readonly #done = Promise.withResolvers<void>();
  #queuedBytes = 0;
  #changed = Promise.withResolvers<void>();
  #lastWrite: Promise<void> = Promise.resolve();
  #closing = false;
  #finished = false;
  #resuming = false;
  /** The other side closed its half: what is queued is all there is. */
  #ended = false;
  /** Why it broke; whoever has seen the end may still read up to it. */
  #error: Error | undefined;

  constructor(components: { stream: Stream }, init: { remotePeer: string }) {
    this.#stream = components.stream;
    this.remotePeer = init.remotePeer;
    this.#listen();
  }

  get closed(): Promise<void> {
    return this.#done.promise;
  }

  async read(): Promise<Uint8Array | undefined> {
    for (;;) {
      if (this.#error && !this.#ended) throw this.#error;
      const chunk = this.#chunks.shift();
      if (chunk) {
        this.#queuedBytes -= chunk.length;
        this.#flow();
        return chunk;
      }
      if (this.#ended) return undefined;
      await this.#changed.promise;
    }
  }

  write(bytes: Uint8Array): Promise<void> {
    if (this.#closing) return Promise.reject(this.#error ?? channelClosed());
    const write = this.#lastWrite.then(() => this.#send(bytes));
    // Whoever wrote it hears of its failure; the next write fails for itself.
    this.#lastWrite = write.catch(() => undefined);
    return write;
  }

  async close(): Promise<void> {
    if (this.#closing || this.#error) return;
    this.#closing = true;
    await this.#lastWrite;
    await this.#stream.close().catch(() => {
      // It rejects with an event that says nothing: the stream closed before all was written.
      throw this.#error ?? connectionLost(this.remotePeer);
    });
  }

  abort(reason: Error): void {
    if (this.#finished) return;
    // Also for a reader that has not come to the end yet.
    this.#ended = false;
    this.#break(reason);
    this.#stream.abort(reason);
  }

  #listen(): void {
    const stream = this.#stream;
    // What came already must be queued before the first read, and not in some later microtask: so it is
    // held back here and handed out by our own resume below.
    if (stream.readStatus === 'readable') stream.pause();
    stream.addEventListener('message', ({ data }) => this.#take(plain(data.subarray())));
    stream.addEventListener('drain', () => this.#notify());
    stream.addEventListener('remoteCloseWrite', () => this.#end());
    stream.addEventListener('close', () => this.#finish());
    // Events that came before we listened are not repeated. We have not closed our half yet, so a
    // stream that is closed did not end: it broke.
    if (stream.status !== 'open') this.#finish();
    else if (stream.remoteWriteStatus === 'closed') this.#end();
    else this.#flow();
  }

  #take(bytes: Uint8Array): void {
    this.#chunks.push(bytes);
    this.#queuedBytes += bytes.length;
    this.#notify();
    if (!this.#resuming) this.#flow();
  }

  /** Stops the sender when enough is queued, by letting its window run out, and starts it again. */
  #flow(): void {
    const full = this.#queuedBytes >= READ_AHEAD_BYTES;
    if (full && !this.#ended && this.#stream.readStatus === 'readable') this.#stream.pause();
    else if (!full) this.#resume();
  }

  #resume(): void {
    if (this.#stream.readStatus !== 'paused') return;
    // What had waited is delivered from within resume(); a pause from in there would be undone by its end.
    this.#resuming = true;
    try {
      this.#stream.resume();
    } catch {
      // It delivers first and then tells the other side, which fails when the connection is just going down.
      this.#finish();
    }
    this.#resuming = false;
    this.#flow();
  }

  /** The only sign of a clean end; a connection that dies merely closes its streams, without error. */
  #end(): void {
    // Nothing more can come, so all of it may be queued; later the stream would no longer hand it out.
    this.#ended = true;
    this.#resume();
    this.#notify();
  }

  async #send(bytes: Uint8Array): Promise<void> {
    for (let start = 0; start < bytes.length; start += PIECE_BYTES) {
      await this.#drained();
      this.#stream.send(bytes.subarray(start, start + PIECE_BYTES));
    }
    await this.#drained();
  }

  async #drained(): Promise<void> {
    // Not onDrain(): after the first time its promise stays resolved. A drain event does not
    // mean that there is room, only that it is worth a look.
    while (this.#stream.writableNeedsDrain && !this.#error) await this.#changed.promise;
    if (this.#error) throw this.#error;
  }

  #finish(): void {
    if (this.#finished) return;
    this.#finished = true;
    const clean = this.#ended && this.#closing && this.#stream.writeBufferLength === 0;
    const why = this.#stream.status === 'reset' ? channelAborted : connectionLost;
    if (!clean) this.#break(why(this.remotePeer));
    this.#done.resolve();
  }

  #break(error: Error): void {
    this.#error ??= error;
    this.#notify();
  }

  #notify(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }
}

/** Not the Buffer of a socket, whose slice() does not copy as that of a Uint8Array does. */
function plain(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
