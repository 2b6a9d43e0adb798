import type { Connection, Stream, Upgrader } from '@libp2p/interface';
import type { Logger } from '../../../../../controllers/ports/logger.ts';
import { notTrustedByPeer } from '../../errors.ts';
import type { Connections } from '../connections.ts';
import type { Gater } from '../gater.ts';
import type { Limits } from '../limits.ts';
import { circuitOver } from './circuit.ts';
import { circuitAddress } from './circuit-address.ts';
import { receive, send } from './exchange.ts';
import {
  decodeHop,
  decodeStop,
  encodeHop,
  encodeStop,
  HOP_PROTOCOL,
  type HopMessage,
  Status,
} from './messages.ts';

interface Components {
  upgrader: Upgrader;
  gater: Gater;
  connections: Connections;
  logger: Logger;
}

/** What a relay answers, in words that end `through gateway X: ...`. */
const explanations: Record<number, string> = {
  [Status.NoReservation]: 'it is not connected there, or not granted to be reached through it',
  [Status.PermissionDenied]: 'the gateway does not grant it',
  [Status.ReservationRefused]: 'the gateway has no room',
  [Status.ResourceLimitExceeded]: 'the gateway has no room',
  [Status.ConnectionFailed]: 'it did not answer the gateway',
};

/** The two ends of relayed connections: dials through a gateway, and is dialled through one. */
export class Circuits {
  readonly #upgrader: Upgrader;
  readonly #gater: Gater;
  readonly #connections: Connections;
  readonly #logger: Logger;
  readonly #limits: Limits;
  readonly #seenAt = new WeakMap<Connection, string>();

  constructor(components: Components, init: Limits) {
    this.#upgrader = components.upgrader;
    this.#gater = components.gater;
    this.#connections = components.connections;
    this.#logger = components.logger;
    this.#limits = init;
  }

  /** Where a gateway sees us at the other end of this connection: a multiaddr, if it has said so. */
  seenAt(gateway: Connection): string | undefined {
    return this.#seenAt.get(gateway);
  }

  /** @returns when the reservation expires, in milliseconds since the epoch. */
  async reserve(gateway: Connection, signal: AbortSignal): Promise<number> {
    const { stream, expiresAt = 0 } = await this.#ask(gateway, { type: 'reserve' }, signal);
    await stream.close();
    return expiresAt;
  }

  /** Connects to a peer that holds a reservation there. */
  async dial(gateway: Connection, peerID: string, signal: AbortSignal): Promise<Connection> {
    const { stream } = await this.#ask(gateway, { type: 'connect', peer: { peerID } }, signal);
    const circuit = circuitOver(stream, circuitAddress(gateway.remoteAddr, peerID));
    try {
      return await this.#upgrader.upgradeOutbound(circuit, { signal });
    } catch (error) {
      circuit.abort(error as Error);
      throw error;
    }
  }

  /** Answers a gateway that somebody wants to connect. Who that is has to be proven to us, not to the gateway. */
  async accept(stream: Stream, gateway: Connection, signal: AbortSignal): Promise<void> {
    try {
      const knock = decodeStop(await receive(stream, AbortSignal.timeout(this.#limits.negotiationTimeoutMs)));
      if (knock.type !== 'connect' || !this.#gater.isGateway(gateway.remotePeer.toString()))
        throw new Error('only a gateway of ours may announce a connection');
      const circuit = circuitOver(stream, circuitAddress(gateway.remoteAddr, knock.peer.peerID));
      send(stream, encodeStop({ type: 'status', status: Status.OK }));
      // In the same turn, as the gater looks at all that comes.
      await this.#upgrader.upgradeInbound(circuit, { signal });
    } catch (error) {
      this.#logger.debug('a relayed connection was not accepted', { gateway: gateway.remotePeer, error });
      stream.abort(error as Error);
    }
  }

  async #ask(gateway: Connection, request: HopMessage, signal: AbortSignal) {
    const stream = await this.#open(gateway, signal);
    try {
      send(stream, encodeHop(request));
      const answer = decodeHop(await receive(stream, signal));
      if (answer.type !== 'status') throw new Error('the gateway answered something else');
      if (answer.status !== Status.OK)
        throw new Error(explanations[answer.status] ?? `the gateway refused with ${answer.status}`);
      if (answer.peer?.address !== undefined) this.#seenAt.set(gateway, answer.peer.address);
      return { stream, expiresAt: answer.expiresAt };
    } catch (error) {
      stream.abort(error as Error);
      throw error;
    }
  }

  async #open(gateway: Connection, signal: AbortSignal): Promise<Stream> {
    try {
      const stream = await gateway.newStream(HOP_PROTOCOL, { signal });
      this.#connections.confirm(gateway);
      return stream;
    } catch (error) {
      // As with any peer: where we are not trusted a dial succeeds, and is undone a moment later.
      if (gateway.status === 'open' || this.#connections.isConfirmed(gateway)) throw error;
      throw notTrustedByPeer(gateway.remotePeer.toString());
    }
  }
}
