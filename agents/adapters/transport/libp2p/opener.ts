import type { Connection } from '@libp2p/interface';
import { Reason } from '../../../../api/v1alpha1/reasons.ts';
import type { Channel } from '../../../../controllers/ports/transport.ts';
import { connectionLost, notTrustedByPeer, peerNotTrusted, tooManyChannels } from '../errors.ts';
import type { Connections } from './connections.ts';
import type { Dialer } from './dialer.ts';
import { streamError } from './errors.ts';
import type { Gater } from './gater.ts';
import type { Limits } from './limits.ts';

interface Components {
  dialer: Dialer;
  gater: Gater;
  connections: Connections;
}

/** Opens channels, and finds out why it could not: that is what a user needs to know. */
export class Opener {
  readonly #dialer: Dialer;
  readonly #gater: Gater;
  readonly #connections: Connections;
  readonly #limit: number;

  constructor(components: Components, init: Pick<Limits, 'maxStreamsPerPeer'>) {
    this.#dialer = components.dialer;
    this.#gater = components.gater;
    this.#connections = components.connections;
    this.#limit = init.maxStreamsPerPeer;
  }

  async open(peerID: string, protocol: string): Promise<Channel> {
    if (!this.#gater.allows(peerID)) throw peerNotTrusted(peerID);
    if (!this.#connections.hasRoom(peerID, 'outbound')) throw tooManyChannels(peerID, this.#limit);
    const known = this.#connections.newest(peerID);
    if (!known) return this.#openOver(await this.#dialer.dial(peerID), protocol);
    try {
      return await this.#openOver(known, protocol);
    } catch (error) {
      // It had worked, and died when it was used: the peer may have restarted, or moved.
      if (known.status === 'open' || !this.#connections.isConfirmed(known)) throw error;
      return this.#openOver(await this.#dialer.dial(peerID), protocol);
    }
  }

  async #openOver(connection: Connection, protocol: string): Promise<Channel> {
    const peerID = connection.remotePeer.toString();
    try {
      const stream = await connection.newStream(protocol, { maxOutboundStreams: this.#limit });
      this.#connections.confirm(connection);
      const channel = this.#connections.adopt(connection, stream);
      if (channel) return channel;
    } catch (error) {
      const refusal = streamError(peerID, protocol, error as Error, this.#limit);
      // Whoever answers that it does not know the protocol has let us in.
      if (refusal?.conditionReason === Reason.IncompatibleVersion) this.#connections.confirm(connection);
      if (refusal && connection.status === 'open') throw refusal;
      // The muxer has gone before its socket: nothing can be opened over this connection any more.
      connection.abort(error as Error);
    }
    throw this.#lost(connection, peerID);
  }

  /** A peer that does not trust us completes Noise, learns who we are, and closes without a word. */
  #lost(connection: Connection, peerID: string): Error {
    if (!this.#gater.allows(peerID)) return peerNotTrusted(peerID);
    return this.#connections.isConfirmed(connection) ? connectionLost(peerID) : notTrustedByPeer(peerID);
  }
}
