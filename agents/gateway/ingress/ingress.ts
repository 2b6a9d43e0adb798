import type { Socket } from 'node:net';
import type { Clock } from '../../../controllers/ports/clock.ts';
import type { ServedCertificates } from '../certificates/served.ts';
import type { TunnelRouter } from '../router/tunnel-router.ts';
import { HttpServer } from './http-server.ts';
import { Connection } from './http1/connection.ts';
import { TIME_LIMITS } from './http1/limits.ts';
import { type AccessRecord, type Counters, newCounters } from './http1/observer.ts';
import type { RequestHead } from './http1/request-head.ts';
import type { Refusal, Upstream } from './http1/upstream.ts';
import { HttpsServer } from './https-server.ts';
import { PlainServer } from './plain-server.ts';

export interface IngressComponents {
  router: Pick<TunnelRouter, 'find'>;
  certificates: ServedCertificates;
  clock: Clock;
  /** One line of the access log. */
  log(record: AccessRecord): void;
  /** Takes over a connection that says it is a tunnel. */
  acceptTunnel(socket: Socket): void;
}

export interface IngressInit {
  /** Address to listen on. */
  host: string;
  httpsPort: number;
  httpPort: number;
  /** Domain that tenants share. */
  domain: string;
  tunnelProtocol: string;
  maxBodyBytes: number;
  /** TLS is ended by a proxy of the owner's, which comes in at the HTTP port and says who asks. */
  behindProxy: boolean;
}

/** A connection was made for another name: the client may try again with one of its own (RFC 9110, section 15.5.20). */
const MISDIRECTED: Refusal = { status: 421, reason: 'this connection is for another host' };

const VISITOR = { protocol: 'https', trusted: false } as const;
const PROXY = { protocol: 'http', trusted: true } as const;

/** How long responses under way may take when the gateway stops, in milliseconds. */
const DRAIN_MS = 10_000;

/** Where visitors come in. */
export class Ingress {
  readonly counters: Counters = newCounters();
  readonly #components: IngressComponents;
  readonly #init: IngressInit;
  readonly #https: HttpsServer;
  readonly #http: HttpServer | PlainServer;
  readonly #connections = new Set<Connection>();
  /** Cuts off what is left when draining has taken too long. */
  readonly #cutOff = new AbortController();

  constructor(components: IngressComponents, init: IngressInit) {
    const { host, httpsPort, httpPort, tunnelProtocol, behindProxy } = init;
    this.#components = components;
    this.#init = init;
    const serve = (socket: Socket, serverName?: string) => this.#serve(socket, serverName);
    const http = { host, port: httpPort };
    this.#https = new HttpsServer({ ...components, serve }, { host, port: httpsPort, tunnelProtocol });
    this.#http = behindProxy
      ? new PlainServer({ serve }, http)
      : new HttpServer(components, { ...http, httpsPort });
  }

  get httpsPort(): number {
    return this.#https.port;
  }

  get httpPort(): number {
    return this.#http.port;
  }

  /** Resolves once it listens; serves until the signal ends. Rejects when a port is taken. */
  async start(signal: AbortSignal): Promise<void> {
    await this.#https.start(signal);
    await this.#http.start(signal);
    signal.addEventListener('abort', () => this.#drain());
  }

  #drain(): void {
    for (const connection of this.#connections) connection.drain();
    this.#components.clock.after(DRAIN_MS, () => this.#cutOff.abort());
  }

  /** `serverName`: the host that TLS was ended for. */
  #serve(client: Socket, serverName: string | undefined): void {
    const { clock, log, router } = this.#components;
    const route = (head: RequestHead, current: Upstream | undefined) =>
      head.hostname === (serverName ?? head.hostname) ? router.find(head.hostname, current) : MISDIRECTED;
    const connection = new Connection(
      { client, route, clock, log, counters: this.counters },
      {
        remote: { address: client.remoteAddress ?? '', ...(serverName === undefined ? PROXY : VISITOR) },
        policy: { sharedDomains: [this.#init.domain] },
        limits: TIME_LIMITS,
        maxBodyBytes: this.#init.maxBodyBytes,
      },
    );
    this.#connections.add(connection);
    void connection.closed.then(() => this.#connections.delete(connection));
    connection.start(this.#cutOff.signal);
  }
}
