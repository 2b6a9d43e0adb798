import { connect, type Socket } from 'node:net';
import type { SecureContext } from 'node:tls';
import type { Clock } from '../../../../controllers/ports/clock.ts';
import type { Channel } from '../../../../controllers/ports/transport.ts';
import type { Identity } from '../../identity/identity.ts';
import { notTrustedByPeer, peerUnreachable } from '../errors.ts';
import { defaultLimits, type Limits } from './limits.ts';
import { Mux } from './mux/mux.ts';
import type { BytePipe } from './pipe/byte-pipe.ts';
import { ChannelPipe } from './pipe/channel-pipe.ts';
import { SocketPipe } from './pipe/socket-pipe.ts';
import { createCredentials, type SecureSocket, secureOutbound } from './tls/secure.ts';
import type { StreamHandler, TunnelEnd } from './tunnel.ts';

interface Components {
  identity: Identity;
  clock: Clock;
}

interface Init {
  /** Answers the streams that the other side opens. */
  onStream: StreamHandler;
  limits?: Partial<Limits>;
}

/** Where a gateway listens for tunnels, and who must answer there. */
export interface TunnelAddress {
  host: string;
  port: number;
  peerID: string;
  /** Which of its worker processes is meant. Default: the first. */
  slot?: number;
}

/** Dials gateways and answers the streams that they open: the provider's side. */
export class TunnelDialer {
  readonly #components: Components;
  readonly #onStream: StreamHandler;
  readonly #limits: Limits;
  #credentials: Promise<SecureContext> | undefined;

  constructor(components: Components, { onStream, limits }: Init) {
    this.#components = components;
    this.#onStream = onStream;
    this.#limits = { ...defaultLimits, ...limits };
  }

  /**
   * Resolves when the other side has proven that it is `peerID` and has taken us in. `signal` ends the tunnel too.
   * Rejects with a StatusError whose cause is `PeerUnreachable` (nobody answers, or somebody else) or
   * `NotTrustedByPeer` (it hung up when it knew who we are).
   */
  async dial(address: TunnelAddress, signal: AbortSignal): Promise<TunnelEnd> {
    signal.throwIfAborted();
    const { identity } = this.#components;
    this.#credentials ??= createCredentials(identity);
    const credentials = await this.#credentials;
    const socket = connect({ host: address.host, port: address.port, noDelay: true });
    const giveUp = () => socket.destroy();
    // Not as an option of the socket: that would be kept, and the socket with it, for as long as the signal lives.
    signal.addEventListener('abort', giveUp);
    const secured = await this.#secure(socket, credentials, address)
      .catch((error: Error) => {
        giveUp();
        signal.throwIfAborted();
        throw peerUnreachable(address.peerID, `${address.host}:${address.port}: ${error.message}`);
      })
      .finally(() => signal.removeEventListener('abort', giveUp));
    return this.#admitted(this.#mux(new SocketPipe(secured), address.peerID), signal);
  }

  /**
   * A tunnel within one channel of a transport, which has proven who is at its other end: at half the speed of one that
   * was dialled. `signal` ends it.
   */
  over(channel: Channel, signal: AbortSignal): Promise<TunnelEnd> {
    return this.#admitted(this.#mux(new ChannelPipe({ channel }), channel.remotePeer), signal);
  }

  #mux(pipe: BytePipe, peerID: string): Mux {
    const { clock } = this.#components;
    return new Mux({ pipe, clock }, { peerID, onStream: this.#onStream, limits: this.#limits });
  }

  async #secure(socket: Socket, credentials: SecureContext, address: TunnelAddress): Promise<SecureSocket> {
    const { clock } = this.#components;
    const init = { timeoutMs: this.#limits.handshakeTimeoutMs, slot: address.slot ?? 0 };
    const secured = await secureOutbound(socket, { credentials, clock }, init);
    if (secured.peerID === address.peerID) return secured;
    secured.socket.destroy();
    throw new Error(`peer ${secured.peerID} answers there`);
  }

  /** TLS lets us speak before the other side has seen who we are: it is up when that has spoken. */
  async #admitted(mux: Mux, signal: AbortSignal): Promise<TunnelEnd> {
    const close = () => mux.close();
    signal.addEventListener('abort', close);
    void mux.closed.then(() => signal.removeEventListener('abort', close));
    mux.start();
    const admitted = await Promise.race([mux.answered.then(() => true), mux.closed.then(() => false)]);
    signal.throwIfAborted();
    if (!admitted) throw notTrustedByPeer(mux.peerID);
    return mux;
  }
}
