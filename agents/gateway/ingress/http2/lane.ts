import { constants, type ServerHttp2Stream } from 'node:http2';
import { Duplex } from 'node:stream';
import type { BodySource } from './body-source.ts';
import { cancel } from './cancel.ts';
import type { RequestBlock } from './request-block.ts';
import { StreamResponse } from './stream-response.ts';
import { whenTaken } from './when-taken.ts';

const {
  NGHTTP2_CANCEL,
  NGHTTP2_ENHANCE_YOUR_CALM,
  NGHTTP2_INTERNAL_ERROR,
  NGHTTP2_NO_ERROR,
  NGHTTP2_REFUSED_STREAM,
} = constants;

/** How a container may break off a stream so that its client understands: by name, rather than with a page of ours. */
const MIRRORED: ReadonlySet<number> = new Set([
  NGHTTP2_CANCEL,
  NGHTTP2_ENHANCE_YOUR_CALM,
  NGHTTP2_REFUSED_STREAM,
]);

/** A stream that wants to be served. */
export interface Arrival {
  stream: ServerHttp2Stream;
  body: BodySource;
  head: RequestBlock;
}

interface Served {
  stream: ServerHttp2Stream;
  body: BodySource;
  response: StreamResponse;
}

/**
 * What looks like a client of HTTP/1.1 that sends one request after the other: each is a stream of HTTP/2, and its
 * response goes back there.
 */
export class Lane {
  /** To be served as any client's connection. */
  readonly client: Duplex;
  readonly #onAbandoned: () => void;
  #served: Served | undefined;
  #upstreamCode: number = NGHTTP2_NO_ERROR;

  /** `onAbandoned`: a visitor closed a stream before its end. */
  constructor(onAbandoned: () => void) {
    this.#onAbandoned = onAbandoned;
    this.client = new Duplex({
      read: () => this.#served?.body.resume(),
      write: (bytes: Buffer, _, written) => this.#write(bytes, written),
      final: (ended) => this.#final(ended),
      destroy: (error, destroyed) => {
        this.#reset(MIRRORED.has(this.#upstreamCode) ? this.#upstreamCode : NGHTTP2_INTERNAL_ERROR);
        destroyed(error);
      },
    });
  }

  get busy(): boolean {
    return this.#served !== undefined;
  }

  /** Whether it may serve another stream. */
  get free(): boolean {
    return !this.busy && this.client.writable;
  }

  serve({ stream, body, head }: Arrival): void {
    this.#served = { stream, body, response: new StreamResponse(stream, head.method) };
    this.#upstreamCode = NGHTTP2_NO_ERROR;
    // `close` comes only once all is read.
    stream.once('aborted', () => this.#left(stream)).once('close', () => this.#left(stream));
    this.client.push(head.bytes);
    body.start({ to: this.client, framing: head.framing, finished: () => this.#settle() });
  }

  /** How the container closed the stream that this request became; 0 while it has not. */
  upstreamClosed(code: number): void {
    this.#upstreamCode = code;
  }

  #write(bytes: Buffer, written: () => void): void {
    if (!this.#served?.response.begun && MIRRORED.has(this.#upstreamCode)) this.#reset(this.#upstreamCode);
    const { response, stream } = this.#served ?? {};
    response?.write(bytes);
    if (stream && !response?.done) whenTaken(stream, written);
    else written();
    this.#settle();
  }

  #settle(): void {
    const { body, response } = this.#served ?? {};
    if (!response?.done) return;
    this.#served = undefined;
    if (!body || body.done) return;
    response.close();
    body.discard();
    this.client.destroy();
  }

  /** The connection ends behind its last response. What was just handed to it never gets there. */
  #final(ended: () => void): void {
    this.#reset(NGHTTP2_REFUSED_STREAM);
    this.client.push(null);
    ended();
  }

  #reset(code: number): void {
    const { stream, response } = this.#served ?? {};
    this.#served = undefined;
    // Nothing of a body went out yet that `close` could make look whole.
    if (!response?.begun) stream?.close(code);
    else if (stream && code === NGHTTP2_CANCEL) cancel(stream);
    else stream?.destroy(new Error('the response broke off'));
  }

  #left(stream: ServerHttp2Stream): void {
    if (this.#served?.stream !== stream) return;
    this.#served.body.discard();
    this.#served = undefined;
    this.client.destroy();
    this.#onAbandoned();
  }
}
