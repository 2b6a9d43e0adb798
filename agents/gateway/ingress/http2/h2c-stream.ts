import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  constants,
  type IncomingHttpHeaders,
} from 'node:http2';
import { Duplex } from 'node:stream';
import { type RequestHead, RequestHeadReader } from '../http1/request-head.ts';
import { BodySink } from './body-sink.ts';
import { BodySource } from './body-source.ts';
import { cancel } from './cancel.ts';
import type { RawHeaders } from './header-block.ts';
import { requestFields } from './request-block.ts';
import { responseHead } from './response-block.ts';
import { whenTaken } from './when-taken.ts';

/** Hears how the container closed a stream; 0 when a new one begins. */
export type OnClose = (code: number) => void;

interface Asked {
  stream: ClientHttp2Stream;
  body: BodySource;
  sink: BodySink | undefined;
  method: string;
  answered: boolean;
}

/**
 * What looks like a connection to a server of HTTP/1.1: each request becomes a stream in the session of a container
 * that speaks HTTP/2.
 */
export class H2cStream {
  /** To be used as any upstream connection. */
  readonly connection: Duplex;
  readonly #session: ClientHttp2Session;
  readonly #onClose: OnClose;
  readonly #heads = new RequestHeadReader({ isOwn: true });
  #asked: Asked | undefined;

  constructor(session: ClientHttp2Session, onClose: OnClose) {
    this.#session = session;
    this.#onClose = onClose;
    this.connection = new Duplex({
      read: () => this.#asked?.body.resume(),
      write: (bytes: Buffer, _, written) => this.#write(bytes, written),
      destroy: (error, destroyed) => {
        if (this.#asked) cancel(this.#asked.stream);
        destroyed(error);
      },
    });
  }

  #write(bytes: Buffer, written: (error?: Error) => void): void {
    try {
      for (let at = 0; at < bytes.length; ) at = this.#take(bytes, at);
    } catch (error) {
      // The session ended meanwhile: a new connection gets a new one.
      written(error as Error);
      return;
    }
    const { stream, sink } = this.#asked ?? {};
    if (stream && !sink?.done) whenTaken(stream, written);
    else written();
  }

  #take(bytes: Buffer, at: number): number {
    const { sink } = this.#asked ?? {};
    if (sink && !sink.done) return sink.take(bytes, at);
    const head = this.#heads.read(bytes.subarray(at));
    if (!head) return bytes.length;
    if (head.kind === 'rejection') throw new Error(`the gateway wrote ${head.reason}`);
    this.#ask(head);
    return at + head.consumed;
  }

  #ask(head: RequestHead): void {
    const { method, body } = head;
    const endStream = body === 'none' || body === 0;
    const stream = this.#session.request(requestFields(head), {
      endStream,
      waitForTrailers: body === 'chunked',
    });
    const sink = endStream ? undefined : new BodySink(stream, body);
    const asked = { stream, body: new BodySource(stream), sink, method, answered: false };
    this.#asked = asked;
    this.#onClose(constants.NGHTTP2_NO_ERROR);
    const answer = (_: IncomingHttpHeaders, flags: number, raw: RawHeaders) =>
      this.#answer(asked, flags, raw);
    stream.on('headers', answer).once('response', answer);
    stream.once('close', () => this.#closed(asked));
    // Reset without an error, Node may wait for ever to close it.
    stream.once('end', () => {
      if (!asked.answered) this.#closed(asked);
    });
    // `close` follows, and is all that matters.
    stream.on('error', () => undefined);
  }

  #answer(asked: Asked, flags: number, raw: RawHeaders): void {
    const { stream, body, method } = asked;
    const ends = (flags & constants.NGHTTP2_FLAG_END_STREAM) !== 0;
    const head = responseHead(raw, { method, ends });
    if (!head) {
      cancel(stream);
      return;
    }
    this.connection.push(head.bytes);
    asked.answered ||= head.isFinal;
    if (head.isFinal) body.start({ to: this.connection, framing: head.framing, finished: () => undefined });
  }

  #closed(asked: Asked): void {
    if (this.#asked !== asked || asked.body.done) return;
    this.#onClose(asked.stream.rstCode);
    this.connection.destroy(new Error(`the container reset the stream with code ${asked.stream.rstCode}`));
  }
}
