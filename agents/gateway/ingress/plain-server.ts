import { createServer, type Server, type Socket } from 'node:net';
import { listen } from './listen.ts';

export interface PlainServerComponents {
  /** Takes over a client's connection. */
  serve(socket: Socket): void;
}

/** Serves visitors without TLS, for a gateway whose owner ends it somewhere in front. */
export class PlainServer {
  readonly #init: { host: string; port: number };
  readonly #server: Server;

  constructor({ serve }: PlainServerComponents, init: { host: string; port: number }) {
    this.#init = init;
    this.#server = createServer({ allowHalfOpen: true, noDelay: true }, serve);
  }

  get port(): number {
    const address = this.#server.address();
    return typeof address === 'object' && address ? address.port : 0;
  }

  /** Resolves once it listens; accepts until the signal ends. Rejects when the port is taken. */
  async start(signal: AbortSignal): Promise<void> {
    await listen(this.#server, this.#init);
    signal.addEventListener('abort', () => this.#server.close());
  }
}
