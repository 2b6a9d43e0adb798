import { type Body, bodyOf } from './body.ts';
import type { AccessRecord } from './observer.ts';
import type { RequestHead } from './request-head.ts';
import { requestIDOf } from './request-rewrite.ts';
import type { Upstream } from './upstream.ts';

/** Asking for these twice does no more than asking once. RFC 9110 section 9.2.2. */
const IDEMPOTENT = new Set(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE']);

/** One request and its response. */
export class Exchange {
  readonly head: RequestHead;
  readonly requestID: string;
  readonly body: Body;
  readonly #begunAt: number;
  upstream: Upstream | undefined;
  /** Whether the request's head is on its way to the container. */
  sent = false;
  /** The status that went to the client; 0 before one did. */
  status = 0;
  /** Whether its container could not be reached, or broke off. */
  failed = false;
  /** Whether the client connection ends behind the response. */
  closeAfter: boolean;
  /** Whether the client still waits for a 100 before it sends its body. */
  expecting: boolean;
  readonly headBytes: number;
  bytesIn: number;
  bytesOut = 0;

  constructor(head: RequestHead, now: number) {
    this.head = head;
    this.requestID = requestIDOf(head);
    this.body = bodyOf(head.body);
    this.#begunAt = now;
    this.closeAfter = !head.keepAlive;
    this.expecting = head.expectContinue;
    this.headBytes = head.lines.end;
    this.bytesIn = this.headBytes;
  }

  /** Whether the request may be sent again when its upstream connection closed without a word. */
  get repeatable(): boolean {
    const { body, method, upgrade } = this.head;
    return this.status === 0 && body === 'none' && !upgrade && IDEMPOTENT.has(method);
  }

  record(now: number, reason?: string): AccessRecord {
    const { method, host, target } = this.head;
    return {
      method,
      host,
      path: withoutQuery(target),
      status: this.status,
      bytesIn: this.bytesIn,
      bytesOut: this.bytesOut,
      milliseconds: now - this.#begunAt,
      requestID: this.requestID,
      upstream: this.upstream?.name,
      ...(reason === undefined ? {} : { reason }),
    };
  }
}

function withoutQuery(target: string): string {
  const query = target.indexOf('?');
  return query < 0 ? target : target.slice(0, query);
}
