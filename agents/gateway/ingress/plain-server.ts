import { createServer, type Server, type Socket } from 'node:net';
import { listen } from './listen.ts';

export interface PlainServerComponents {
  /** Takes over a client's connection. */
  serve(socket: Socket): void;
}

export interface PlainServerInit {
  host: string;
  port: number;
  /** Reads nothing: connections are for other processes. Default: no. */
  pauseOnConnect?: boolean;
}

/** Accepts connections and hands them on, whatever is spoken there. */
export class PlainServer {
  readonly #init: PlainServerInit;
  readonly #server: Server;

  constructor({ serve }: PlainServerComponents, init: PlainServerInit) {
    this.#init = init;
    const { pauseOnConnect = false } = init;
    this.#server = createServer({ allowHalfOpen: true, noDelay: true, pauseOnConnect }, serve);
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
