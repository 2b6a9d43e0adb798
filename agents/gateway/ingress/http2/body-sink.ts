import type { Http2Stream } from 'node:http2';
import { type Body, bodyOf } from '../http1/body.ts';
import type { Framing } from '../http1/head/framing.ts';
import { fieldsOf, type HeaderFields } from './header-block.ts';

/** Takes the body of a message of HTTP/1.1 to an HTTP/2 stream, and ends it there. */
export class BodySink {
  readonly #stream: Http2Stream;
  readonly #body: Body;
  readonly #hasTrailers: boolean;
  #trailers: HeaderFields = {};
  #closes = false;

  /** A stream that gets chunks must have been told to wait for trailers. */
  constructor(stream: Http2Stream, framing: Framing) {
    this.#stream = stream;
    this.#body = bodyOf(framing, (part) => this.#write(part));
    this.#hasTrailers = framing === 'chunked';
    if (this.#hasTrailers) stream.once('wantTrailers', () => this.#sendTrailers());
  }

  get done(): boolean {
    return this.#body.done;
  }

  /** Takes bytes from `start` on. Answers the position behind the last one that belongs to the body. */
  take(bytes: Buffer, start: number): number {
    const end = this.#body.take(bytes, start);
    if (this.#body.done) this.#finish();
    return end;
  }

  /** Closes the stream behind the end of the body: nobody reads what still comes on it. */
  close(): void {
    if (this.#hasTrailers) this.#closes = true;
    else this.#stream.close();
  }

  #write(part: Buffer): void {
    // Whoever has reset the stream wants no more of it.
    if (part.length > 0 && this.#stream.writable) this.#stream.write(part);
  }

  #finish(): void {
    if (this.#body.trailers) this.#trailers = fieldsOf(this.#body.trailers);
    if (this.#stream.writable) this.#stream.end();
  }

  #sendTrailers(): void {
    this.#stream.sendTrailers(this.#trailers);
    // Node itself sends them on its next turn.
    if (this.#closes) setImmediate(() => this.#stream.close());
  }
}
