import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { Clock } from '../../../controllers/ports/clock.ts';
import { VisitorLimits, type VisitorLimitsInit } from '../access/visitor-limits.ts';
import type { ServedCertificates } from '../certificates/served.ts';
import { sessionIn } from '../router/session-upstream.ts';
import type { TunnelRouter } from '../router/tunnel-router.ts';
import { entrance } from './entrance.ts';
import { HttpServer } from './http-server.ts';
import { Connection } from './http1/connection.ts';
import type { ConnectionComponents, ConnectionInit } from './http1/connection-init.ts';
import type { ClientAddress } from './http1/forwarded.ts';
import { Field } from './http1/head/fields.ts';
import { TIME_LIMITS } from './http1/limits.ts';
import { type AccessRecord, type Counters, newCounters } from './http1/observer.ts';
import type { ResponsePolicy } from './http1/response-rewrite.ts';
import type { Refusal, Route } from './http1/upstream.ts';
import { ContainerSessions } from './http2/container-sessions.ts';
import { Session } from './http2/session.ts';
import { H2_PROTOCOL, HttpsServer } from './https-server.ts';
import { PlainServer } from './plain-server.ts';

export interface IngressComponents {
  router: Pick<TunnelRouter, 'find' | 'guardOf' | 'count'>;
  certificates: ServedCertificates;
  clock: Clock;
  /** One line of the access log. */
  log(record: AccessRecord): void;
  /** Takes over a connection that says it is a tunnel; `offered` is all it would speak. */
  acceptTunnel(socket: Socket, offered: readonly string[]): void;
  /** Takes over a visitor who is served better in another process; false for one who is not. Default: nobody is. */
  handOver?(socket: Socket, serverName: string): boolean;
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
  /** Default: none. */
  visitorLimits?: VisitorLimitsInit;
  /** Seconds that browsers are to insist on HTTPS for. Default: what the container says. */
  hstsSeconds?: number | undefined;
}

/** A connection was made for another name: the client may try again with one of its own (RFC 9110, section 15.5.20). */
const MISDIRECTED: Refusal = { status: 421, reason: 'this connection is for another host' };

/** Who came in, and where. */
interface Arrival {
  /** The only host name that may be asked for. */
  serverName: string | undefined;
  from: Omit<ClientAddress, 'address'>;
  isHttp2: boolean;
}

const VISITOR = { protocol: 'https', trusted: false } as const;
const PROXY = { protocol: 'http', trusted: true } as const;

/** How long responses under way may take when the gateway stops, in milliseconds. */
export const DRAIN_MS = 10_000;

/** Where visitors come in. */
export class Ingress {
  readonly counters: Counters = newCounters();
  readonly #components: IngressComponents;
  readonly #init: IngressInit;
  readonly #limits: VisitorLimits;
  readonly #https: HttpsServer;
  readonly #http: HttpServer | PlainServer;
  readonly #connections = new Set<Connection | Session>();
  /** Cuts off what is left when draining has taken too long. */
  readonly #cutOff = new AbortController();
  readonly #drained = Promise.withResolvers<void>();

  constructor(components: IngressComponents, init: IngressInit) {
    const { host, httpsPort, httpPort, tunnelProtocol, behindProxy } = init;
    this.#components = components;
    this.#init = init;
    const http = { host, port: httpPort };
    this.#limits = new VisitorLimits(components, init.visitorLimits ?? {});
    this.#https = new HttpsServer(
      {
        ...components,
        limits: this.#limits,
        serve: (socket, serverName) => this.#serveSecure(socket, serverName),
      },
      { host, port: httpsPort, tunnelProtocol },
    );
    this.#http = behindProxy
      ? new PlainServer({ serve: (socket) => this.#servePlain(socket) }, http)
      : new HttpServer(components, { ...http, httpsPort });
  }

  get httpsPort(): number {
    return this.#https.port;
  }

  get httpPort(): number {
    return this.#http.port;
  }

  /** Resolves some time after the signal, when nobody is served any more. */
  get drained(): Promise<void> {
    return this.#drained.promise;
  }

  /** Takes over whoever has just come to another process. */
  admit(socket: Socket, isSecure: boolean): void {
    socket.allowHalfOpen = true;
    if (isSecure) this.#https.admit(socket);
    else this.#servePlain(socket);
  }

  /** Takes over a visitor whom another process has handed over, having read so much. */
  take(socket: Socket, read: Buffer): void {
    this.#https.take(socket, read);
  }

  /** Resolves once it listens; lets nobody in any more when the signal ends. Rejects when a port is taken. */
  async start(signal: AbortSignal): Promise<void> {
    this.serve(signal);
    await this.#https.start(signal);
    await this.#http.start(signal);
  }

  /** The same without ports of its own: for those whom another process lets in. */
  serve(signal: AbortSignal): void {
    signal.addEventListener('abort', () => this.#drain());
  }

  #drain(): void {
    for (const connection of this.#connections) connection.drain();
    this.#components.clock.after(DRAIN_MS, () => this.#cutOff.abort());
    void Promise.all([...this.#connections].map(({ closed }) => closed)).then(() => this.#drained.resolve());
  }

  #serveSecure(client: TLSSocket, serverName: string): void {
    this.#serve(client, { serverName, from: VISITOR, isHttp2: client.alpnProtocol === H2_PROTOCOL });
  }

  #servePlain(client: Socket): void {
    this.#serve(client, { serverName: undefined, from: PROXY, isHttp2: false });
  }

  #serve(client: Socket, { serverName, from, isHttp2 }: Arrival): void {
    const { router, clock, log } = this.#components;
    const { counters } = this;
    const remote = { address: client.remoteAddress ?? '', ...from };
    const enter = this.#entrance(remote);
    const isMeant = (hostname: string) => serverName === undefined || hostname === serverName;
    const route: Route = (head, current) => (isMeant(head.hostname) ? enter(head, current) : MISDIRECTED);
    const count = (hostname: string, failed: boolean) => {
      if (isMeant(hostname)) router.count(hostname, failed);
    };
    const components = { client, route, clock, log, counters, count };
    const init = {
      remote,
      policy: this.#policy(),
      limits: TIME_LIMITS,
      maxBodyBytes: this.#init.maxBodyBytes,
    };
    const connection = isHttp2 ? new Session(components, init) : http1Connection(components, init);
    counters.connections++;
    this.#connections.add(connection);
    void connection.closed.then(() => {
      counters.connections--;
      this.#connections.delete(connection);
    });
    connection.start(this.#cutOff.signal);
  }

  #entrance(client: ClientAddress): Route {
    const { router } = this.#components;
    const route: Route = ({ hostname, lines }, current) =>
      router.find(hostname, current, () => sessionIn(lines.valueOf(Field.cookie)));
    return entrance({ guardOf: (host) => router.guardOf(host), limits: this.#limits, route }, client);
  }

  #policy(): ResponsePolicy {
    const { domain, hstsSeconds } = this.#init;
    const security = hstsSeconds === undefined ? {} : { strictTransportSecurity: `max-age=${hstsSeconds}` };
    return { sharedDomains: [domain], ...security };
  }
}

function http1Connection(components: ConnectionComponents, init: ConnectionInit): Connection {
  const containers = new ContainerSessions(components.clock, { openMs: init.limits.open });
  const connection = new Connection({ ...components, route: containers.wrap(components.route) }, init);
  void connection.closed.then(() => containers.close());
  return connection;
}
