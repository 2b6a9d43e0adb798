import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import type { AddressInfo, Server, Socket } from 'node:net';
import { connect, createServer as createTlsServer, type PeerCertificate } from 'node:tls';
import type { ServedCertificates } from '../../agents/gateway/certificates/served.ts';

const CHALLENGES = '/.well-known/acme-challenge/';

/** Stands in for the ingress: it serves visitors and answers challenges with what it is given, and nothing else. */
export class TestEdge {
  /** Replaced when the gateway restarts; whoever comes in between waits, as one does who tries again. */
  #certificates = Promise.withResolvers<ServedCertificates>();
  /** How often a CA has asked each way. */
  readonly asked = { http: 0, tls: 0 };
  readonly #sockets = new Set<Socket>();
  readonly #http: Server;
  readonly #tls: Server;

  private constructor({ http = true, tls = true }: { http?: boolean; tls?: boolean }) {
    this.#http = createHttpServer(async ({ url = '', headers }, response) => {
      this.asked.http += 1;
      const host = (headers.host ?? '').replace(/:\d+$/, '');
      const certificates = await this.#certificates.promise;
      const answer = http ? certificates.answerTo(host, url.slice(CHALLENGES.length)) : undefined;
      response.writeHead(url.startsWith(CHALLENGES) && answer ? 200 : 404).end(answer);
    });
    this.#tls = createTlsServer({
      // A visitor may come while the CA does, but in these tests at another name.
      SNICallback: async (name, done) => {
        const certificates = await this.#certificates.promise;
        done(null, (tls ? certificates.challengeFor(name) : undefined) ?? certificates.contextFor(name));
      },
      ALPNCallback: ({ protocols }) => {
        if (!protocols.includes('acme-tls/1')) return protocols[0];
        this.asked.tls += 1;
        return 'acme-tls/1';
      },
    });
    this.#tls.on('tlsClientError', () => {});
    for (const server of [this.#http, this.#tls])
      server.on('connection', (socket) => {
        this.#sockets.add(socket);
        socket.on('error', () => socket.destroy()).on('close', () => this.#sockets.delete(socket));
      });
    this.#tls.on('secureConnection', (socket) => socket.on('error', () => socket.destroy()).end('hello'));
  }

  /** One that does not answer this or that is one whose port is closed. */
  static async start(init: { http?: boolean; tls?: boolean } = {}): Promise<TestEdge> {
    const edge = new TestEdge(init);
    for (const server of [edge.#http, edge.#tls]) {
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
    }
    return edge;
  }

  serve(certificates: ServedCertificates): void {
    this.#certificates.resolve(certificates);
  }

  pause(): void {
    this.#certificates = Promise.withResolvers();
  }

  get httpPort(): number {
    return (this.#http.address() as AddressInfo).port;
  }

  get tlsPort(): number {
    return (this.#tls.address() as AddressInfo).port;
  }

  /** What a visitor of `host` sees who trusts `roots`. Rejects as the visitor's handshake does. */
  async visit(host: string, roots: string): Promise<PeerCertificate> {
    const socket = connect({ port: this.tlsPort, host: '127.0.0.1', servername: host, ca: roots });
    await once(socket, 'secureConnect');
    const certificate = socket.getPeerCertificate();
    socket.destroy();
    return certificate;
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    for (const server of [this.#http, this.#tls]) await new Promise((resolve) => server.close(resolve));
  }
}
