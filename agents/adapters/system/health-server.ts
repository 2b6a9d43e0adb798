import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Logger } from '../../../controllers/ports/logger.ts';

/** Answers what is wrong, or undefined. Asked on every request: it must know, not find out. */
export type HealthCheck = () => string | undefined;

export interface HealthServerInit {
  /** On 127.0.0.1. 0: the kernel chooses. */
  port: number;
  /** By name. About this program itself: one that is not well is restarted by systemd. */
  checks?: Readonly<Record<string, HealthCheck>>;
}

/** Every request is answered from memory; who needs longer to ask is not asking. */
const REQUEST_TIMEOUT_MS = 5_000;

/** A scraper and a person or two. */
const MAX_CONNECTIONS = 16;

/** A page in this machine's browser may reach loopback by a name of its own; it may not read our answers. */
const LOCAL_HOST = /^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/;

interface Answer {
  status: number;
  body: string;
}

/** `/healthz` and `/metrics` for this machine only. */
export class HealthServer {
  readonly #metrics: { render(): string };
  readonly #logger: Logger;
  readonly #init: HealthServerInit;
  readonly #server: Server;

  constructor(components: { metrics: { render(): string }; logger: Logger }, init: HealthServerInit) {
    this.#metrics = components.metrics;
    this.#logger = components.logger;
    this.#init = init;
    this.#server = createServer({ requestTimeout: REQUEST_TIMEOUT_MS, headersTimeout: REQUEST_TIMEOUT_MS });
    this.#server.maxConnections = MAX_CONNECTIONS;
  }

  /** Resolves once it listens, and serves until the signal ends. Rejects when the port is taken. */
  async start(signal: AbortSignal): Promise<void> {
    this.#server.on('request', (request, response) => this.#handle(request, response));
    await this.#listen();
    this.#logger.info('Health server started', { port: this.port });
    const stop = () => {
      this.#server.close();
      this.#server.closeAllConnections();
    };
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  }

  /** The port it listens on. */
  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  #listen(): Promise<void> {
    const { port } = this.#init;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#server.once('error', (error: NodeJS.ErrnoException) => {
      const why =
        error.code === 'EADDRINUSE' ? 'another program has this port; choose another' : error.message;
      reject(new Error(`cannot serve health and metrics on 127.0.0.1:${port}: ${why}`, { cause: error }));
    });
    this.#server.listen(port, '127.0.0.1', resolve);
    return promise;
  }

  #handle(request: IncomingMessage, response: ServerResponse): void {
    const { status, body } = this.#answer(request);
    response.writeHead(status, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' });
    response.end(request.method === 'HEAD' ? undefined : body);
  }

  #answer({ method, url, headers }: IncomingMessage): Answer {
    if (!LOCAL_HOST.test(headers.host ?? '')) return { status: 421, body: 'not a name of this machine\n' };
    if (method !== 'GET' && method !== 'HEAD') return { status: 405, body: 'only GET\n' };
    if (url === '/metrics') return { status: 200, body: this.#metrics.render() };
    if (url === '/healthz') return this.#health();
    return { status: 404, body: 'there are /healthz and /metrics\n' };
  }

  #health(): Answer {
    const problems = Object.entries(this.#init.checks ?? {}).flatMap(([name, check]) => {
      const problem = check();
      return problem === undefined ? [] : [`${name}: ${problem}`];
    });
    return problems.length === 0
      ? { status: 200, body: 'ok\n' }
      : { status: 503, body: `${problems.join('\n')}\n` };
  }
}
