import {
  constants,
  performServerHandshake,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import { TokenBucket } from '../../../adapters/transport/tunnel/mux/token-bucket.ts';
import { Connection } from '../http1/connection.ts';
import type { ConnectionComponents, ConnectionInit } from '../http1/connection-init.ts';
import { Deadline } from '../http1/deadline.ts';
import { Ledger } from '../http1/ledger.ts';
import type { Rejection } from '../http1/rejection.ts';
import type { Refusal, Route, Upstream } from '../http1/upstream.ts';
import { BodySource } from './body-source.ts';
import { ContainerSessions } from './container-sessions.ts';
import type { RawHeaders } from './header-block.ts';
import { Lane } from './lane.ts';
import { ABANDONED_STREAM_COST, CONNECTION_WINDOW_BYTES, FLOOD, SERVER_OPTIONS } from './limits.ts';
import { requestHead } from './request-block.ts';
import { StreamResponse } from './stream-response.ts';

/**
 * One client's connection of HTTP/2. Each stream is written as a request of HTTP/1.1 and served as that of any
 * client, in a lane of its own as long as it lasts: all rules for heads, bodies and time are those of HTTP/1.1.
 */
export class Session {
  readonly #components: ConnectionComponents;
  readonly #init: ConnectionInit;
  readonly #session: ServerHttp2Session;
  readonly #containers: ContainerSessions;
  readonly #ledger: Ledger;
  /** Of what brings nothing and costs us. */
  readonly #patience: TokenBucket;
  readonly #deadline: Deadline;
  readonly #lanes = new Set<Lane>();
  readonly #closed = Promise.withResolvers<void>();
  /** Ends the lanes together with the connection. */
  readonly #over = new AbortController();
  #streams = 0;
  #draining = false;
  /** Where the request before went: clients stay where they are among replicas. */
  #last: Upstream | undefined;

  constructor(components: ConnectionComponents, init: ConnectionInit) {
    this.#components = components;
    this.#init = init;
    this.#containers = new ContainerSessions(components.clock, { openMs: init.limits.open });
    this.#ledger = new Ledger(components);
    this.#patience = new TokenBucket(components, FLOOD);
    this.#deadline = new Deadline(components.clock, () => this.#expired());
    this.#session = performServerHandshake(components.client, SERVER_OPTIONS);
  }

  /** Resolves when the client's connection is closed. */
  get closed(): Promise<void> {
    return this.#closed.promise;
  }

  /** Serves until either side closes. The signal cuts everything off at once. */
  start(signal: AbortSignal): void {
    const session = this.#session;
    const { client } = this.#components;
    const cutOff = () => client.destroy();
    this.#deadline.fix(this.#init.limits.head);
    // HTTP/2 knows no half of a connection: who has closed its own is gone. Node would wait for streams that nobody reads.
    client.once('end', cutOff).once('close', () => session.destroy());
    session.setLocalWindowSize(CONNECTION_WINDOW_BYTES);
    session.on('stream', (stream, _, flags, raw) => this.#arrived(stream, flags, raw));
    session.on('ping', () => this.#costs(1));
    session.on('remoteSettings', () => this.#costs(1));
    // `close` follows.
    session.on('error', () => undefined);
    session.once('close', () => {
      signal.removeEventListener('abort', cutOff);
      this.#end();
    });
    signal.addEventListener('abort', cutOff);
    if (signal.aborted) cutOff();
  }

  /**
   * Takes no more streams, and closes behind those under way. GOAWAY tells a client which of its streams were begun, so
   * that it sends the others anew; a first one that leaves time for these (RFC 9113, 6.8) is beyond Node's interface:
   * behind any GOAWAY it ignores new streams.
   */
  drain(): void {
    this.#draining = true;
    this.#session.close();
    if (this.#streams === 0) this.#deadline.fix(this.#init.limits.linger);
  }

  #arrived(stream: ServerHttp2Stream, flags: number, raw: RawHeaders): void {
    this.#streams++;
    this.#deadline.release();
    stream.once('close', () => this.#gone());
    // The same.
    stream.on('error', () => undefined);
    const body = new BodySource(stream);
    const ends = (flags & constants.NGHTTP2_FLAG_END_STREAM) !== 0;
    // What was reset in the same breath is not even begun (CVE-2023-44487).
    setImmediate(() => {
      if (!stream.closed && !stream.destroyed) return this.#begin(stream, body, requestHead(raw, ends));
      body.discard();
      this.#costs(ABANDONED_STREAM_COST);
    });
  }

  #begin(stream: ServerHttp2Stream, body: BodySource, head: ReturnType<typeof requestHead>): void {
    if (head.kind === 'rejection') this.#reject(stream, head);
    else this.#freeLane().serve({ stream, body, head });
  }

  #reject(stream: ServerHttp2Stream, why: Rejection): void {
    const response = new StreamResponse(stream, 'GET');
    response.write(this.#ledger.rejected(why));
    response.close();
  }

  #freeLane(): Lane {
    for (const lane of this.#lanes) if (lane.free) return lane;
    const lane = new Lane(() => this.#costs(ABANDONED_STREAM_COST));
    const route = this.#containers.wrap(this.#route, (code) => lane.upstreamClosed(code));
    const connection = new Connection({ ...this.#components, client: lane.client, route }, this.#init);
    this.#lanes.add(lane);
    void connection.closed.then(() => this.#lanes.delete(lane));
    connection.start(this.#over.signal);
    return lane;
  }

  readonly #route: Route = (head, current) => {
    const found = this.#components.route(head, current ?? this.#last);
    const keep = (answer: Upstream | Refusal) => {
      if (!('status' in answer)) this.#last = answer;
      return answer;
    };
    return 'then' in found ? found.then(keep) : keep(found);
  };

  /** The peer did what brings nothing. */
  #costs(cost: number): void {
    if (this.#session.destroyed || this.#patience.take(cost)) return;
    this.#session.destroy(new Error('a flood'), constants.NGHTTP2_ENHANCE_YOUR_CALM);
  }

  #gone(): void {
    if (--this.#streams > 0) return;
    const { idle, linger } = this.#init.limits;
    if (this.#draining) this.#deadline.fix(linger);
    else this.#deadline.move(idle);
  }

  #expired(): void {
    const { idle, linger } = this.#init.limits;
    // Streams alone do not count: Node may keep some that are over.
    if ([...this.#lanes].some((lane) => lane.busy)) this.#deadline.move(idle);
    else if (this.#draining) this.#components.client.destroy();
    else {
      this.drain();
      this.#deadline.fix(linger);
    }
  }

  #end(): void {
    this.#deadline.cancel();
    this.#over.abort();
    this.#containers.close();
    this.#components.client.destroy();
    this.#closed.resolve();
  }
}
