import type { Socket } from 'node:net';
import type { Clock } from '../../../controllers/ports/clock.ts';
import type { Logger } from '../../../controllers/ports/logger.ts';
import type { Channel } from '../../../controllers/ports/transport.ts';
import { TunnelAcceptor } from '../../adapters/transport/tunnel/acceptor.ts';
import type { Certificate } from '../../adapters/transport/tunnel/tls/certificate.ts';
import { ALPN_PROTOCOL, slotOf } from '../../adapters/transport/tunnel/tls/protocols.ts';
import type { ServedCertificates } from '../certificates/served.ts';
import type { AccessRecord, Counters } from '../ingress/http1/observer.ts';
import { Ingress } from '../ingress/ingress.ts';
import { TunnelRouter } from '../router/tunnel-router.ts';
import { TunnelTable } from '../router/tunnels.ts';
import type { DataPlane, EdgeInit } from './data-plane.ts';

export interface LocalDataPlaneComponents {
  certificates: ServedCertificates;
  /** What proves to providers who we are. */
  certificate: Certificate;
  clock: Clock;
  logger: Logger;
  /** One line of the access log. */
  log(record: AccessRecord): void;
  /** The other processes, where there are any. */
  siblings?: Siblings;
}

/** Of several processes with a data plane each, what one does with connections that others should have. */
export interface Siblings {
  /** Which of them this is. */
  slot: number;
  /** Takes over a tunnel that was meant for another one. */
  handOverTunnel(socket: Socket, slot: number): void;
  /** Takes over a visitor who is served better by another one; false for one who is not. */
  handOverVisitor(socket: Socket, serverName: string): boolean;
}

/** The data plane within one process. */
export class LocalDataPlane implements DataPlane {
  readonly tunnels = new TunnelTable();
  readonly router: TunnelRouter;
  readonly #components: LocalDataPlaneComponents;
  readonly #acceptor: TunnelAcceptor;
  readonly #ingress: Ingress;
  readonly #tunnelsEnd = new AbortController();
  readonly #ended = Promise.withResolvers<void>();

  constructor(components: LocalDataPlaneComponents, init: EdgeInit) {
    this.#components = components;
    this.router = new TunnelRouter({ tunnels: this.tunnels, clock: components.clock });
    this.#acceptor = new TunnelAcceptor(components, {
      allow: (peerID) => this.router.isAllowed(peerID),
      onTunnel: (tunnel) => this.tunnels.add(tunnel),
    });
    this.#ingress = new Ingress(
      {
        ...components,
        router: this.router,
        acceptTunnel: (socket, offered) => this.#acceptTunnel(socket, slotOf(offered)),
        handOver: (socket, serverName) => components.siblings?.handOverVisitor(socket, serverName) ?? false,
      },
      { ...init, host: init.listen, tunnelProtocol: ALPN_PROTOCOL },
    );
  }

  get httpsPort(): number {
    return this.#ingress.httpsPort;
  }

  get httpPort(): number {
    return this.#ingress.httpPort;
  }

  get counters(): Counters {
    return this.#ingress.counters;
  }

  get tunnelCount(): number {
    return this.tunnels.size;
  }

  get ended(): Promise<void> {
    return this.#ended.promise;
  }

  async start(signal: AbortSignal): Promise<void> {
    this.#begin();
    await this.#ingress.start(signal);
    this.router.listensOn(this.httpsPort);
  }

  /** The same without ports of its own: serves whom another process lets in. */
  serve(signal: AbortSignal): void {
    this.#begin();
    this.#ingress.serve(signal);
  }

  #begin(): void {
    // Tunnels outlive the signal: responses under way still come through them.
    this.#acceptor.start(this.#tunnelsEnd.signal);
    void this.#ingress.drained.then(() => {
      this.#tunnelsEnd.abort();
      this.#ended.resolve();
    });
  }

  async acceptChannel(channel: Channel): Promise<void> {
    this.#acceptor.acceptChannel(channel);
  }

  /** Takes over a tunnel that another process has accepted, its first bytes put back. */
  takeTunnel(socket: Socket): void {
    this.#acceptor.accept(socket);
  }

  /** Makes a tunnel of a socket, where another process knows who is at its other end. @throws Error when it may not have one. */
  takeTunnelOf(peerID: string, socket: Socket): void {
    this.#acceptor.acceptFrom(peerID, socket);
  }

  /** Takes over whoever has just come to another process. */
  admit(socket: Socket, isSecure: boolean): void {
    this.#ingress.admit(socket, isSecure);
  }

  /** Takes over a visitor whom another process has accepted, having read so much. */
  takeVisitor(socket: Socket, read: Buffer): void {
    this.#ingress.take(socket, read);
  }

  #acceptTunnel(socket: Socket, slot: number | undefined): void {
    const { siblings } = this.#components;
    if (slot === (siblings?.slot ?? 0)) this.#acceptor.accept(socket);
    else if (siblings && slot !== undefined) siblings.handOverTunnel(socket, slot);
    else socket.destroy();
  }
}
