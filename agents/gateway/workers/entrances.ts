import type { Socket } from 'node:net';
import type { ServedCertificates } from '../certificates/served.ts';
import type { EdgeInit } from '../data-plane/data-plane.ts';
import { HttpServer } from '../ingress/http-server.ts';
import { PlainServer } from '../ingress/plain-server.ts';

export interface EntrancesComponents {
  certificates: ServedCertificates;
  /** Takes over whoever has come, of whom nothing was read. */
  deal(socket: Socket, isSecure: boolean): void;
}

/** The ports of a gateway with workers. They stay open whatever becomes of these. */
export class Entrances {
  readonly #https: PlainServer;
  readonly #http: PlainServer | HttpServer;

  constructor(components: EntrancesComponents, { listen: host, httpsPort, httpPort, behindProxy }: EdgeInit) {
    const door = (port: number, isSecure: boolean) =>
      new PlainServer(
        { serve: (socket) => components.deal(socket, isSecure) },
        { host, port, pauseOnConnect: true },
      );
    this.#https = door(httpsPort, true);
    // Redirects and challenges are not worth a worker's while.
    this.#http = behindProxy
      ? door(httpPort, false)
      : new HttpServer(components, { host, port: httpPort, httpsPort });
  }

  get httpsPort(): number {
    return this.#https.port;
  }

  get httpPort(): number {
    return this.#http.port;
  }

  /** Resolves once both are open; they close with the signal. Rejects when one is taken. */
  async start(signal: AbortSignal): Promise<void> {
    await this.#https.start(signal);
    await this.#http.start(signal);
  }
}
