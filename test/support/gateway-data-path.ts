import { createServer, type IncomingMessage, request, type Server } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { createSecureContext, type SecureContext } from 'node:tls';
import { generateIdentity } from '../../agents/adapters/identity/identity.ts';
import { systemClock } from '../../agents/adapters/system/clock.ts';
import { TunnelAcceptor } from '../../agents/adapters/transport/tunnel/acceptor.ts';
import { TunnelDialer } from '../../agents/adapters/transport/tunnel/dialer.ts';
import { createCertificate } from '../../agents/adapters/transport/tunnel/tls/certificate.ts';
import { ALPN_PROTOCOL } from '../../agents/adapters/transport/tunnel/tls/protocols.ts';
import { openAuthority } from '../../agents/gateway/certificates/internal/authority.ts';
import { Vault } from '../../agents/gateway/certificates/vault.ts';
import type { AccessRecord } from '../../agents/gateway/ingress/http1/observer.ts';
import { Ingress, type IngressInit } from '../../agents/gateway/ingress/ingress.ts';
import { TunnelRouter } from '../../agents/gateway/router/tunnel-router.ts';
import { TunnelTable } from '../../agents/gateway/router/tunnels.ts';
import { answerStreams } from '../../agents/peercomputed/tunnels/answer-stream.ts';
import { Endpoints } from '../../agents/peercomputed/tunnels/endpoints.ts';
import type { InformerHandler } from '../../controllers/core/informer.ts';
import type { HostRoute } from '../../controllers/ports/router.ts';
import { BOB, deployment } from './objects.ts';
import { silentLogger } from './silent.ts';
import { temporaryDirectory } from './store-directory.ts';

export const HOST = 'web-bob.example.com';

const TARGET = { owner: BOB, uid: '3f0a6a52-8a2e-4bd7-9d1e-0c6e5a6f9b10' };

/** What a visitor asks. */
export interface Visitor {
  host?: string;
  /** What TLS is told. Default: the host. */
  serverName?: string;
  method?: string;
  headers?: Record<string, string>;
  body?: string;
}

/** What a visitor gets back. */
export interface Answer {
  status: number;
  headers: IncomingMessage['headers'];
  body: string;
}

/** A gateway and a provider on loopback, with a real tunnel between them and a server of the test's as the container. */
export class DataPath {
  readonly records: AccessRecord[] = [];
  readonly gateway = generateIdentity();
  readonly provider = generateIdentity();
  readonly tunnels = new TunnelTable();
  readonly router = new TunnelRouter({ tunnels: this.tunnels, clock: systemClock });
  /** Names that the ingress has a certificate for. */
  readonly names = new Set([HOST]);
  behindProxy = false;
  /** What the owner of the gateway decides. */
  decisions: Pick<IngressInit, 'visitorLimits' | 'hstsSeconds'> = {};
  /** What the container speaks. */
  protocol: HostRoute['protocol'] = 'HTTP';
  sessionAffinity: HostRoute['sessionAffinity'];
  /** Port of a container that the test runs itself, instead of `container`. */
  containerPort: number | undefined;
  /** PEM of the authority that signed what visitors see. */
  ca!: string;
  ingress!: Ingress;
  container!: Server;
  handle: (
    request: IncomingMessage,
    socket: Parameters<Parameters<typeof createServer>[1] & object>[1],
  ) => void = (_, response) => response.end('hello');
  #context!: SecureContext;
  #handler!: InformerHandler<'Deployment'>;
  readonly #stop = new AbortController();

  async start(): Promise<void> {
    const { signal } = this.#stop;
    this.#context = await this.#certify();
    const acceptor = new TunnelAcceptor(
      { certificate: await createCertificate(this.gateway), clock: systemClock, logger: silentLogger },
      { allow: (peerID) => this.router.isAllowed(peerID), onTunnel: (tunnel) => this.tunnels.add(tunnel) },
    );
    acceptor.start(signal);
    this.ingress = new Ingress(
      {
        router: this.router,
        certificates: {
          contextFor: (name) => (this.names.has(name) ? this.#context : undefined),
          challengeFor: () => undefined,
          answerTo: (host, token) => (host === HOST && token === 'known' ? 'proof' : undefined),
        },
        clock: systemClock,
        log: (record) => this.records.push(record),
        acceptTunnel: (socket: Socket) => acceptor.accept(socket),
      },
      {
        host: '127.0.0.1',
        httpsPort: 0,
        httpPort: 0,
        domain: 'example.com',
        tunnelProtocol: ALPN_PROTOCOL,
        maxBodyBytes: 1e12,
        behindProxy: this.behindProxy,
        ...this.decisions,
      },
    );
    await this.ingress.start(signal);
    this.container = createServer((request, response) => this.handle(request, response));
    await new Promise<void>((resolve) => this.container.listen(0, '127.0.0.1', resolve));
    this.router.allow(new Set([this.provider.peerID]));
    this.serve(this.backends);
  }

  /** What is served at first. */
  get backends(): HostRoute['backends'] {
    return [{ provider: this.provider.peerID, target: TARGET }];
  }

  serve(backends: HostRoute['backends'], access?: HostRoute['access']): void {
    const { protocol, sessionAffinity } = this;
    this.router.serve([{ host: HOST, protocol, sessionAffinity, access, backends }]);
  }

  /** Dials the gateway as the provider does; resolves when the tunnel is up at both ends. */
  async dial(): Promise<() => void> {
    const endpoints = new Endpoints({
      deployments: { addHandler: (handler) => this.#keep(handler) },
      isAllowed: () => true,
    });
    this.runReplicas(1);
    const dialer = new TunnelDialer(
      { identity: this.provider, clock: systemClock },
      { onStream: answerStreams(endpoints) },
    );
    const address = { host: '127.0.0.1', port: this.ingress.httpsPort, peerID: this.gateway.peerID };
    const tunnel = await dialer.dial(address, this.#stop.signal);
    return () => tunnel.close();
  }

  /** What the provider's Deployment says of its replicas; all of them are the one server. */
  runReplicas(count: number): void {
    const hostPort = this.containerPort ?? (this.container.address() as AddressInfo).port;
    this.runReplicasAt(new Map(Array.from({ length: count }, (_, ordinal) => [ordinal, hostPort])));
  }

  /** The same where each has a server of its own: the port by the ordinal. */
  runReplicasAt(hostPorts: ReadonlyMap<number, number>): void {
    const count = hostPorts.size;
    const containers = [...hostPorts].map(([ordinal, hostPort]) => ({
      name: `web-${ordinal}`,
      ordinal,
      state: 'Running' as const,
      ready: true,
      updated: true,
      restarts: 0,
      ports: [{ containerPort: 80, protocol: 'TCP' as const, hostPort }],
    }));
    const counts = {
      replicas: count,
      updatedReplicas: count,
      readyReplicas: count,
      availableReplicas: count,
    };
    const container = { name: 'web', image: 'web:1', ports: [{ containerPort: 80 }] };
    const web = deployment(
      'web',
      { expose: { port: 80 }, template: { spec: { containers: [container] } } },
      TARGET,
    );
    this.#handler.onAdd?.({ ...web, status: { ...counts, containers } });
  }

  /** What a visitor of `host` gets. */
  visit(path = '/', visitor: Visitor = {}): Promise<Answer> {
    const { host = HOST, serverName = host, method = 'GET', headers = {}, body = '' } = visitor;
    const options = { port: this.ingress.httpsPort, host: '127.0.0.1', path, method, servername: serverName };
    const sent = requestHttps({
      ...options,
      headers: { host, ...headers },
      rejectUnauthorized: false,
      agent: false,
    });
    return answer(sent, body);
  }

  /** The same without TLS. */
  visitPlain(path: string, host = HOST, headers: Record<string, string> = {}): Promise<Answer> {
    return answer(
      request({
        port: this.ingress.httpPort,
        host: '127.0.0.1',
        path,
        headers: { host, ...headers },
        agent: false,
      }),
      '',
    );
  }

  async end(): Promise<void> {
    this.#stop.abort();
    this.container.closeAllConnections();
    await new Promise((resolve) => this.container.close(resolve));
  }

  async #certify(): Promise<SecureContext> {
    const place = await temporaryDirectory();
    const domains = ['example.com'];
    const vault = new Vault({ logger: silentLogger }, place);
    await vault.open();
    const authority = await openAuthority({ vault, clock: systemClock, logger: silentLogger }, { domains });
    await place.dispose();
    this.ca = authority.certificate;
    const { chain, key } = authority.sign([...domains, '*.example.com'], Date.now());
    return createSecureContext({ cert: chain, key });
  }

  #keep(handler: InformerHandler<'Deployment'>): () => void {
    this.#handler = handler;
    return () => undefined;
  }
}

function answer(sent: ReturnType<typeof request>, body: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    sent.once('error', reject);
    sent.once('response', (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('error', reject);
      response.once('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: Buffer.concat(parts).toString(),
        }),
      );
    });
    sent.end(body);
  });
}
