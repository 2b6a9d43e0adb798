import { constants, type ServerHttp2Stream } from 'node:http2';
import { type ResponseHead, ResponseHeadReader } from '../http1/response-head.ts';
import { BodySink } from './body-sink.ts';
import { fieldsOf } from './header-block.ts';

/** Takes the bytes of one response of HTTP/1.1 to the stream of whoever asked. */
export class StreamResponse {
  readonly #stream: ServerHttp2Stream;
  readonly #method: string;
  readonly #heads = new ResponseHeadReader({ isOwn: true });
  #sink: BodySink | undefined;
  #done = false;

  constructor(stream: ServerHttp2Stream, method: string) {
    this.#stream = stream;
    this.#method = method;
  }

  /** Whether the response has begun; interim ones do not count. */
  get begun(): boolean {
    return this.#sink !== undefined || this.#done;
  }

  /** Whether all of it is with the stream. */
  get done(): boolean {
    return this.#done;
  }

  write(bytes: Buffer): void {
    let at = 0;
    while (at < bytes.length && !this.#done)
      at = this.#sink ? this.#body(this.#sink, bytes, at) : this.#head(bytes, at);
  }

  /** Closes the stream behind the response, though the request goes on. */
  close(): void {
    if (this.#sink) this.#sink.close();
    else this.#stream.close();
  }

  #head(bytes: Buffer, at: number): number {
    const head = this.#heads.read(bytes.subarray(at), { method: this.#method, minor: 1, upgrade: false });
    if (!head) return bytes.length;
    if (head.kind === 'rejection') return this.#giveUp(bytes);
    // Who has gone is told nothing.
    if (this.#stream.closed || this.#stream.destroyed) this.#done = true;
    else if (head.status < 200) this.#stream.additionalHeaders(headersOf(head));
    else this.#respond(head);
    return at + head.consumed;
  }

  /** What we wrote ourselves cannot be read: the fault of nobody but us, which ends one stream and not the gateway. */
  #giveUp(bytes: Buffer): number {
    this.#done = true;
    this.#stream.close(constants.NGHTTP2_INTERNAL_ERROR);
    return bytes.length;
  }

  #respond(head: ResponseHead): void {
    const { body } = head;
    const endStream = body === 'none' || body === 0;
    this.#stream.respond(headersOf(head), { endStream, waitForTrailers: body === 'chunked' });
    if (endStream) this.#done = true;
    else this.#sink = new BodySink(this.#stream, body);
  }

  #body(sink: BodySink, bytes: Buffer, at: number): number {
    const end = sink.take(bytes, at);
    this.#done = sink.done;
    return end;
  }
}

function headersOf({ status, lines }: ResponseHead) {
  return { ':status': status, ...fieldsOf(lines) };
}
