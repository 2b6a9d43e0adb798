import { constants, type Http2Stream } from 'node:http2';
import type { Duplex } from 'node:stream';
import { chunk } from '../http1/chunked.ts';
import type { Framing } from '../http1/head/framing.ts';
import { linesOf, type RawHeaders, readBlock, saysNothing } from './header-block.ts';

/** Where a body goes. */
export interface Destination {
  /** Takes the bytes of HTTP/1.1. Destroyed where the body breaks off, or is not as long as its head said. */
  to: Duplex;
  framing: Framing;
  /** The last byte is with it. */
  finished(): void;
}

/** Brings the body of an HTTP/2 stream into a message of HTTP/1.1, no faster than it is read there. */
export class BodySource {
  readonly #stream: Http2Stream;
  #trailers: RawHeaders = [];
  #taken = 0;
  #started = false;
  #done = false;

  /** To be made together with the stream: nobody is told of trailers twice. */
  constructor(stream: Http2Stream) {
    this.#stream = stream;
    stream.once('trailers', (_, __, raw) => {
      this.#trailers = raw;
    });
  }

  /** Whether the destination has all of it that it wants. */
  get done(): boolean {
    return this.#done;
  }

  start(destination: Destination): void {
    const { framing } = destination;
    this.#started = true;
    this.#stream.on('data', (part: Buffer) => this.#take(part, destination));
    if (framing === 'none') this.#finish(destination);
    else this.#stream.once('end', () => this.#end(destination));
  }

  /** Nobody wants the rest. Node keeps a stream, and its connection, until somebody has read it. */
  discard(): void {
    this.#done = true;
    this.#stream.resume();
  }

  /** The destination takes more. */
  resume(): void {
    // Before, it would flow where nobody is.
    if (this.#started && !this.#done) this.#stream.resume();
  }

  #take(part: Buffer, { to, framing }: Destination): void {
    if (this.#done && framing !== 'none') return;
    this.#taken += part.length;
    // Beyond its length, a body would be the next message.
    if (framing === 'none' || (framing !== 'chunked' && this.#taken > Number(framing))) to.destroy();
    else if (!to.push(framing === 'chunked' ? chunk(part) : part)) this.#stream.pause();
  }

  #end(destination: Destination): void {
    if (this.#done) return;
    const { to, framing } = destination;
    const last = framing === 'chunked' ? lastChunk(this.#trailers) : undefined;
    const isWhole = framing === 'chunked' ? last !== undefined : this.#taken === framing;
    const { aborted, rstCode } = this.#stream;
    // In Node, a stream ends as well when it was reset, or its connection broke.
    if (!isWhole || aborted || rstCode !== constants.NGHTTP2_NO_ERROR) to.destroy();
    else this.#finish(destination, last);
  }

  #finish({ to, finished }: Destination, last?: Buffer): void {
    this.#done = true;
    if (last) to.push(last);
    finished();
  }
}

/** Undefined when the trailers are none. Those that would say how to read or trust the message stay behind. */
function lastChunk(trailers: RawHeaders): Buffer | undefined {
  const block = readBlock(trailers);
  if (!block || block.pseudo.size > 0) return undefined;
  return Buffer.from(`0\r\n${linesOf(block.fields.filter(saysNothing))}\r\n`, 'latin1');
}
