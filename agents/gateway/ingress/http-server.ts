import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { ServedCertificates } from '../certificates/served.ts';
import { hostnameOf } from './http1/head/host.ts';
import { listen } from './listen.ts';

export interface HttpServerComponents {
  certificates: ServedCertificates;
}

export interface HttpServerInit {
  host: string;
  port: number;
  /** Where HTTPS is served, as visitors see it. */
  httpsPort: number;
}

const CHALLENGE_PREFIX = '/.well-known/acme-challenge/';
const DEFAULT_HTTPS_PORT = 443;

/** A redirect takes one request. */
const LIMITS = {
  requestTimeout: 10_000,
  headersTimeout: 10_000,
  keepAliveTimeout: 5_000,
  maxHeaderSize: 16 * 1024,
};
const MAX_CONNECTIONS = 4096;

/** Sends visitors to HTTPS, and answers HTTP-01 challenges. Nothing else is served without TLS. */
export class HttpServer {
  readonly #components: HttpServerComponents;
  readonly #init: HttpServerInit;
  readonly #server: Server;

  constructor(components: HttpServerComponents, init: HttpServerInit) {
    this.#components = components;
    this.#init = init;
    this.#server = createServer(LIMITS);
    this.#server.maxConnections = MAX_CONNECTIONS;
  }

  get port(): number {
    const address = this.#server.address();
    return typeof address === 'object' && address ? address.port : 0;
  }

  /** Resolves once it listens; serves until the signal ends. Rejects when the port is taken. */
  async start(signal: AbortSignal): Promise<void> {
    this.#server.on('request', (request, response) => this.#answer(request, response));
    await listen(this.#server, this.#init);
    signal.addEventListener('abort', () => {
      this.#server.close();
      this.#server.closeAllConnections();
    });
  }

  #answer({ url = '/', headers }: IncomingMessage, response: ServerResponse): void {
    const host = hostnameOf(headers.host ?? '');
    if (typeof host !== 'string') reply(response, 400, 'no valid Host');
    else if (url.startsWith(CHALLENGE_PREFIX))
      this.#prove(host, url.slice(CHALLENGE_PREFIX.length), response);
    else this.#redirect(host, url, response);
  }

  #prove(host: string, token: string, response: ServerResponse): void {
    const answer = this.#components.certificates.answerTo(host, token);
    if (answer === undefined) reply(response, 404, 'no such challenge');
    else reply(response, 200, answer);
  }

  #redirect(host: string, path: string, response: ServerResponse): void {
    // What begins otherwise would name another host.
    if (!/^\/(?![/\\])/.test(path)) {
      reply(response, 400, 'not a path');
      return;
    }
    response.setHeader('Location', `https://${host}${this.#portSuffix()}${path}`);
    reply(response, 308, 'use HTTPS');
  }

  #portSuffix(): string {
    return this.#init.httpsPort === DEFAULT_HTTPS_PORT ? '' : `:${this.#init.httpsPort}`;
  }
}

function reply(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, {
    'Content-Type': 'text/plain; charset=utf-8',
    'Content-Length': Buffer.byteLength(text),
  });
  response.end(text);
}
