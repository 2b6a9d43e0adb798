import type { Exchange } from './exchange.ts';
import { page } from './page.ts';
import type { Relay, RelayComponents, RelayEvents, RelayInit } from './relay.ts';
import { rewriteRequest } from './request-rewrite.ts';
import { ResponseRelay } from './response-relay.ts';
import type { Refusal, Upstream } from './upstream.ts';

const BAD_GATEWAY: Refusal = { status: 502, reason: 'the application did not answer properly' };
const GATEWAY_TIMEOUT: Refusal = { status: 504, reason: 'the application did not answer in time' };
const REQUEST_TIMEOUT: Refusal = { status: 408, reason: 'the request did not come in time' };
const BAD_CHUNKS: Refusal = { status: 400, reason: 'a chunked body that is none' };
const TOO_LARGE: Refusal = { status: 413, reason: 'the body is larger than this gateway relays' };

/** Takes one request to its container, and the response back. */
export class ExchangeRelay implements Relay {
  readonly exchange: Exchange;
  readonly #components: RelayComponents;
  readonly #init: RelayInit;
  readonly #events: RelayEvents;
  readonly #response: ResponseRelay;
  /** Whether the head waits to leave together with the beginning of the body. */
  #headWaits = false;
  #over = false;

  constructor(exchange: Exchange, components: RelayComponents, init: RelayInit, events: RelayEvents) {
    this.exchange = exchange;
    this.#components = components;
    this.#init = init;
    this.#events = events;
    this.#response = new ResponseRelay(exchange, { client: components.client, policy: init.policy });
  }

  /** Asks where the request goes, and begins to send it there. */
  start(): void {
    const { route, upstreams } = this.#components;
    try {
      const answer = route(this.exchange.head, upstreams.current?.upstream);
      if ('then' in answer) answer.then((found) => this.#routed(found), this.#unroutable);
      else this.#routed(answer);
    } catch (error) {
      this.#unroutable(error as Error);
    }
  }

  feed(bytes: Buffer): number {
    const { exchange } = this;
    if (this.#over || !exchange.sent || exchange.body.done) return 0;
    const end = exchange.body.take(bytes, 0);
    if (end < 0) return this.#refuseBody(BAD_CHUNKS);
    exchange.bytesIn += end;
    exchange.expecting = false;
    if (exchange.bytesIn - exchange.headBytes > this.#init.maxBodyBytes) return this.#refuseBody(TOO_LARGE);
    this.#send(end === bytes.length ? bytes : bytes.subarray(0, end));
    if (exchange.body.done && this.#response.done) this.#conclude();
    return end;
  }

  flush(): void {
    if (this.#headWaits) this.#send(undefined);
  }

  read(bytes: Buffer): void {
    const { current } = this.#components.upstreams;
    const begun = this.exchange.sent && current && !this.#response.done;
    const progress = begun ? this.#response.read(bytes, current.heads) : 'surplus';
    if (progress === 'upgraded') this.#events.upgraded();
    else if (progress === 'surplus') this.#surplus();
    else if (progress === 'done') this.#responded();
    else if (progress !== 'more')
      this.#fail({ ...BAD_GATEWAY, status: progress.status }, `the container sent ${progress.reason}`);
  }

  gone(clean: boolean): void {
    const { upstreams } = this.#components;
    const { sent, upstream, repeatable } = this.exchange;
    // It may have closed its idle connection while this request was on the way: RFC 9112 section 9.3.1.
    const wasIdle = this.#response.silent && (upstreams.current?.requests ?? 0) > 1;
    upstreams.drop();
    // That of an earlier request: this one does not know yet where it goes.
    if (!sent && !upstream) return;
    if (this.#response.done || (clean && this.#response.end())) this.#responded();
    else if (wasIdle && repeatable) this.#repeat();
    else
      this.#fail(BAD_GATEWAY, `the container's connection ${clean ? 'ended' : 'broke'} before its response`);
  }

  ended(): void {
    if (!this.exchange.body.done) this.#break('the client left before its request was complete');
  }

  left(): string | undefined {
    this.#over = true;
    this.#components.upstreams.drop();
    // Who has all of the answer need not send the rest of the request.
    return this.#response.done ? undefined : 'the client left before its response was complete';
  }

  expired(): void {
    const { sent, body, expecting } = this.exchange;
    const late = sent && !body.done && !expecting && !this.#components.upstreams.current?.wire.full;
    this.#fail(late ? REQUEST_TIMEOUT : GATEWAY_TIMEOUT, 'it took too long');
  }

  get limit(): number {
    const { limits } = this.#init;
    const { sent, status, body, expecting } = this.exchange;
    if (status !== 0) return limits.responseBody;
    if (!sent) return limits.open;
    return body.done || expecting ? limits.responseHead : limits.requestBody;
  }

  readonly #unroutable = (error: Error): void => this.#fail(BAD_GATEWAY, `routing failed: ${error.message}`);

  #routed(answer: Upstream | Refusal): void {
    const { body } = this.exchange.head;
    if (this.#over) return;
    if ('status' in answer) this.#answer(answer);
    else if (typeof body === 'number' && body > this.#init.maxBodyBytes) this.#answer(TOO_LARGE);
    else this.#use(answer);
  }

  #use(upstream: Upstream): void {
    this.exchange.upstream = upstream;
    if (this.#components.upstreams.current?.upstream.key === upstream.key) this.#opened();
    else this.#open(upstream);
  }

  #open(upstream: Upstream): void {
    this.#components.upstreams.open(upstream, {
      opened: () => {
        this.#components.counters.opened++;
        this.#opened();
      },
      failed: (error) =>
        this.#fail(error.refusal ?? BAD_GATEWAY, `could not reach the container: ${error.message}`),
    });
  }

  #opened(): void {
    const connection = this.#components.upstreams.current;
    if (this.#over || !connection) return;
    connection.requests++;
    this.exchange.sent = true;
    this.#headWaits = true;
    this.#events.ready();
  }

  /** The container sent what nobody had asked for: nothing it says can be told apart any more. */
  #surplus(): void {
    this.#components.counters.desyncs++;
    this.#components.upstreams.drop();
    this.exchange.closeAfter = true;
    if (this.#response.done) this.#conclude('the container sent more than its response');
  }

  #repeat(): void {
    this.#components.counters.retries++;
    this.exchange.sent = false;
    this.#open(this.exchange.upstream!);
  }

  #send(part: Buffer | undefined): void {
    const wire = this.#components.upstreams.current?.wire;
    if (this.#headWaits) wire?.writeMessage(part, (tail) => this.#head(tail));
    else if (part) wire?.write(part);
    this.#headWaits = false;
  }

  #head(tail?: Buffer): Buffer {
    const { head, requestID } = this.exchange;
    const { forwarding, counters } = this.#components;
    counters.forwarded++;
    return rewriteRequest(head, { forwarding, requestID, tail });
  }

  #responded(): void {
    const { upstreams } = this.#components;
    const { body } = this.exchange;
    if (!this.#response.keepAlive) upstreams.drop();
    // Nobody reads the rest of the request.
    if (!body.done && !upstreams.current) this.exchange.closeAfter = true;
    if (body.done || this.exchange.closeAfter) this.#conclude();
  }

  #refuseBody(refusal: Refusal): number {
    this.#fail(refusal, refusal.reason);
    return 0;
  }

  #fail(refusal: Refusal, reason: string): void {
    if (this.#over) return;
    this.#components.upstreams.drop();
    if (this.exchange.status === 0) this.#answer(refusal, reason);
    else {
      this.exchange.failed = isOfContainer(refusal);
      this.#break(reason);
    }
  }

  #break(reason: string): void {
    this.#over = true;
    this.#events.broken(reason);
  }

  #answer(refusal: Refusal, reason?: string): void {
    const { exchange } = this;
    const { client, clock } = this.#components;
    exchange.status = refusal.status;
    exchange.failed = isOfContainer(refusal);
    exchange.closeAfter ||= !exchange.body.done;
    const { method, lines } = exchange.head;
    const bytes = page({
      refusal,
      requestID: exchange.requestID,
      accept: lines.valueOfName('accept'),
      headOnly: method === 'HEAD',
      close: exchange.closeAfter,
      now: clock.now(),
    });
    exchange.bytesOut += bytes.length;
    client.write(bytes);
    this.#conclude(reason);
  }

  #conclude(reason?: string): void {
    this.#over = true;
    this.#events.concluded(reason);
  }
}

/** 502, 503 and 504 are what the gateway says for a container. */
function isOfContainer({ status }: Refusal): boolean {
  return status >= BAD_GATEWAY.status;
}
