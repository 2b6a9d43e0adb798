import type { Socket } from 'node:net';
import type { SecureContext } from 'node:tls';
import type { Clock } from '../../../../controllers/ports/clock.ts';
import type { Logger } from '../../../../controllers/ports/logger.ts';
import type { Channel } from '../../../../controllers/ports/transport.ts';
import { defaultLimits, type Limits } from './limits.ts';
import { Mux } from './mux/mux.ts';
import type { BytePipe } from './pipe/byte-pipe.ts';
import { ChannelPipe } from './pipe/channel-pipe.ts';
import { SocketPipe } from './pipe/socket-pipe.ts';
import type { Certificate } from './tls/certificate.ts';
import { type SecureSocket, secureInbound, toCredentials } from './tls/secure.ts';
import type { Tunnel } from './tunnel.ts';

interface Components {
  /** What proves who we are. */
  certificate: Certificate;
  clock: Clock;
  logger: Logger;
}

interface Init {
  /** Who may have a tunnel here. Of others nothing is parsed. */
  allow: (peerID: string) => boolean;
  /** A peer dialled, and may be sent streams from now on. */
  onTunnel: (tunnel: Tunnel) => void;
  limits?: Partial<Limits>;
}

/** Makes tunnels of sockets that providers dialled: the gateway's side. Whoever listens hands the sockets in. */
export class TunnelAcceptor {
  readonly #components: Components;
  readonly #init: Init;
  readonly #limits: Limits;
  readonly #pending = new Set<Socket>();
  readonly #tunnels = new Set<Mux>();
  #credentials: SecureContext | undefined;

  constructor(components: Components, init: Init) {
    this.#components = components;
    this.#init = init;
    this.#limits = { ...defaultLimits, ...init.limits };
  }

  start(signal: AbortSignal): void {
    signal.throwIfAborted();
    this.#credentials = toCredentials(this.#components.certificate);
    signal.addEventListener('abort', () => this.#stop(), { once: true });
  }

  /** Takes over a socket that was accepted, also one whose first bytes were read and put back with `unshift`. */
  accept(socket: Socket): void {
    if (!this.#credentials) socket.destroy();
    else
      this.#admit(socket, this.#credentials).catch((error: Error) => {
        socket.destroy();
        this.#components.logger.debug('a tunnel was refused', { reason: error.message });
      });
  }

  async #admit(socket: Socket, credentials: SecureContext): Promise<void> {
    const { socket: secured, peerID } = await this.#secure(socket, credentials);
    this.#begin(new SocketPipe({ socket: secured }), peerID);
  }

  /** Makes a tunnel of a channel, for a provider that reaches us no other way. @throws Error when it may not have one. */
  acceptChannel(channel: Channel): void {
    this.#begin(new ChannelPipe({ channel }), channel.remotePeer);
  }

  /** The same of a socket, where somebody else knows who is at its other end. @throws Error as above. */
  acceptFrom(peerID: string, socket: Socket): void {
    this.#begin(new SocketPipe({ socket }), peerID);
  }

  #begin(pipe: BytePipe, peerID: string): void {
    const { clock, logger } = this.#components;
    if (!this.#init.allow(peerID)) throw new Error(`peer ${peerID} may not have one`);
    const mux = new Mux({ pipe, clock }, { peerID, limits: this.#limits });
    this.#tunnels.add(mux);
    void mux.closed.then((error) => {
      this.#tunnels.delete(mux);
      logger.debug('a tunnel closed', { peer: peerID, reason: error?.message });
    });
    mux.start();
    logger.debug('a tunnel opened', { peer: peerID });
    this.#init.onTunnel(mux);
  }

  async #secure(socket: Socket, credentials: SecureContext): Promise<SecureSocket> {
    this.#makeRoom();
    this.#pending.add(socket);
    socket.setNoDelay(true);
    try {
      const components = { credentials, clock: this.#components.clock };
      return await secureInbound(socket, components, { timeoutMs: this.#limits.handshakeTimeoutMs });
    } finally {
      this.#pending.delete(socket);
    }
  }

  /** The oldest goes: one that is honest would have finished. */
  #makeRoom(): void {
    const [oldest] = this.#pending;
    if (oldest && this.#pending.size >= this.#limits.maxPendingHandshakes) {
      this.#pending.delete(oldest);
      oldest.destroy();
    }
  }

  #stop(): void {
    this.#credentials = undefined;
    for (const socket of this.#pending) socket.destroy();
    for (const tunnel of this.#tunnels) tunnel.close();
  }
}
