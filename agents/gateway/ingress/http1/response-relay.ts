import { type Body, bodyOf } from './body.ts';
import { chunk, LAST_CHUNK } from './chunked.ts';
import type { Exchange } from './exchange.ts';
import type { Framing } from './head/framing.ts';
import { MAX_INTERIM_RESPONSES } from './limits.ts';
import { type Rejection, rejection } from './rejection.ts';
import type { ResponseHead, ResponseHeadReader } from './response-head.ts';
import { type ResponsePolicy, rewriteInterim, rewriteResponse } from './response-rewrite.ts';
import type { Wire } from './wire.ts';

const BAD_BODY = rejection(502, 'a chunked response that is none');
const TOO_MANY_INTERIMS = rejection(502, `more than ${MAX_INTERIM_RESPONSES} interim responses`);

/** Where a response stands. `surplus`: it is done, and bytes came behind it that nobody had asked for. */
export type Progress = 'more' | 'done' | 'surplus' | 'upgraded' | Rejection;

export interface ResponseRelayInit {
  client: Wire;
  policy: ResponsePolicy;
}

/** Relays the response of one exchange to the client, as its bytes come. */
export class ResponseRelay {
  readonly #exchange: Exchange;
  readonly #init: ResponseRelayInit;
  #body: Body | undefined;
  #interims = 0;
  /** Where a body ends with its connection, clients of HTTP/1.1 get chunks: they see when it was cut off. */
  #chunking = false;
  #untilClose = false;
  #complete = false;
  #silent = true;
  /** Whether the container takes another request on its connection. Known once the head has come. */
  keepAlive = false;

  constructor(exchange: Exchange, init: ResponseRelayInit) {
    this.#exchange = exchange;
    this.#init = init;
  }

  /** Whether all of the response is with the client. */
  get done(): boolean {
    return this.#complete;
  }

  /** Whether the container has sent nothing yet. */
  get silent(): boolean {
    return this.#silent;
  }

  /** Takes bytes of the container. */
  read(bytes: Buffer, heads: ResponseHeadReader): Progress {
    this.#silent = false;
    let at = 0;
    while (at < bytes.length) {
      const taken = this.#body ? this.#continue(this.#body, bytes, at) : this.#head(bytes, at, heads);
      if (typeof taken !== 'number') return taken;
      at = taken;
      if (this.#complete) return at < bytes.length ? 'surplus' : 'done';
    }
    return 'more';
  }

  /** The container closed its half. Answers whether that was the end of the response. */
  end(): boolean {
    if (!this.#untilClose) return false;
    if (this.#chunking) this.#write(LAST_CHUNK);
    this.#complete = true;
    return true;
  }

  #head(bytes: Buffer, at: number, heads: ResponseHeadReader): number | Progress {
    const rest = at === 0 ? bytes : bytes.subarray(at);
    const head = heads.read(rest, this.#exchange.head);
    if (!head) return bytes.length;
    if (head.kind === 'rejection') return head;
    if (head.status === 101) return this.#upgrade(head, rest.subarray(head.consumed));
    if (head.status >= 200) return this.#begin(head, bytes, at + head.consumed);
    return ++this.#interims > MAX_INTERIM_RESPONSES ? TOO_MANY_INTERIMS : this.#interim(head, at);
  }

  /** Only those pass that a client understands, and 100 only where it waits for that. */
  #interim(head: ResponseHead, at: number): number {
    const { expecting, head: request } = this.#exchange;
    const awaited = head.status === 100 ? expecting : head.status === 102 || head.status === 103;
    if (head.status === 100) this.#exchange.expecting = false;
    if (awaited && request.minor === 1) this.#write(rewriteInterim(head));
    return at + head.consumed;
  }

  #upgrade(head: ResponseHead, rest: Buffer): Progress {
    this.#exchange.status = head.status;
    this.#writeHead(head, rest, 'none');
    return 'upgraded';
  }

  #begin(head: ResponseHead, bytes: Buffer, at: number): number | Rejection {
    const body = bodyOf(head.body);
    const end = body.take(bytes, at);
    if (end < 0) return BAD_BODY;
    this.#body = body;
    this.#complete = body.done;
    this.keepAlive = head.keepAlive;
    this.#untilClose = head.body === 'until close';
    this.#chunking = this.#untilClose && this.#exchange.head.minor === 1;
    this.#exchange.status = head.status;
    this.#exchange.closeAfter ||= this.#isAmbiguous();
    const part = bytes.subarray(at, end);
    this.#writeHead(head, this.#chunking ? chunk(part) : part, this.#chunking ? 'chunked' : head.declared);
    return end;
  }

  /**
   * A request whose body has not ended may leave the container without one to read it, or the client in doubt whether
   * it still has to send it (RFC 9110 section 10.1.1).
   */
  #isAmbiguous(): boolean {
    const { body, expecting } = this.#exchange;
    return !body.done && (expecting || !this.keepAlive);
  }

  #continue(body: Body, bytes: Buffer, at: number): number | Rejection {
    const end = body.take(bytes, at);
    if (end < 0) return BAD_BODY;
    const part = at === 0 && end === bytes.length ? bytes : bytes.subarray(at, end);
    this.#write(this.#chunking ? chunk(part) : part);
    this.#complete = body.done;
    return end;
  }

  #writeHead(head: ResponseHead, body: Buffer, framing: Framing): void {
    const { requestID, closeAfter: close, upstream } = this.#exchange;
    const { client, policy } = this.#init;
    const setCookie = upstream?.setCookie;
    client.writeMessage(body, (tail) => {
      const bytes = rewriteResponse(head, { policy, requestID, setCookie, framing, close, tail });
      this.#exchange.bytesOut += bytes.length + (tail ? 0 : body.length);
      return bytes;
    });
    // Their bytes would stay in memory as long as the body lasts, or the upgraded connection.
    head.lines.clear();
    this.#exchange.head.lines.clear();
  }

  #write(bytes: Buffer): void {
    this.#exchange.bytesOut += bytes.length;
    this.#init.client.write(bytes);
  }
}
