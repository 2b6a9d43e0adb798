import type { Connection, Stream } from '@libp2p/interface';
import type { Clock } from '../../../../../controllers/ports/clock.ts';
import type { Logger } from '../../../../../controllers/ports/logger.ts';
import { type Channel, isRelayed } from '../../../../../controllers/ports/transport.ts';
import { Libp2pChannel } from '../channel.ts';
import type { Gater } from '../gater.ts';
import type { Limits } from '../limits.ts';
import { receive, send } from './exchange.ts';
import { decodeHop, decodeStop, encodeHop, encodeStop, STOP_PROTOCOL, Status } from './messages.ts';
import { pipe } from './pipe.ts';

interface Reservation {
  connection: Connection;
  /** Milliseconds since the epoch. */
  expiresAt: number;
}

interface Circuit {
  source: string;
  target: string;
  /** Both ends, once there are two. */
  channels: Channel[];
}

/** Why a request is not served. */
class Refusal extends Error {
  readonly status: Status;

  constructor(status: Status) {
    super(`refused with ${status}`);
    this.status = status;
  }
}

/**
 * Connects peers that cannot dial each other. It serves peers that are trusted here, which the gater sees
 * to, and leads only to those of them that are granted it and hold a reservation.
 */
export class RelayServer {
  readonly #gater: Gater;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #limits: Limits;
  /** By peer ID. */
  readonly #reservations = new Map<string, Reservation>();
  readonly #circuits = new Set<Circuit>();
  /** Requests in the second that began at a time, by peer ID. */
  readonly #pace = new Map<string, { since: number; count: number }>();

  constructor(components: { gater: Gater; clock: Clock; logger: Logger }, init: Limits) {
    this.#gater = components.gater;
    this.#clock = components.clock;
    this.#logger = components.logger;
    this.#limits = init;
  }

  /** Answers one request. */
  async serve(stream: Stream, connection: Connection): Promise<void> {
    const caller = { peerID: connection.remotePeer.toString(), address: seenAt(connection) };
    try {
      const request = decodeHop(
        await receive(stream, AbortSignal.timeout(this.#limits.negotiationTimeoutMs)),
      );
      if (!this.#isPaced(caller.peerID)) throw new Refusal(Status.ResourceLimitExceeded);
      if (request.type === 'connect') return await this.#connect(stream, connection, request.peer.peerID);
      if (request.type !== 'reserve') throw new Refusal(Status.UnexpectedMessage);
      const expiresAt = this.#reserve(connection);
      send(stream, encodeHop({ type: 'status', status: Status.OK, peer: caller, expiresAt }));
      await stream.close();
    } catch (error) {
      await this.#refuse(stream, caller.peerID, error as Error);
    }
  }

  /** To be called when what is granted has changed: what is no longer granted ends. */
  enforce(): void {
    for (const peerID of this.#reservations.keys())
      if (!this.#gater.mayBeReached(peerID)) this.#reservations.delete(peerID);
    for (const { target, channels } of this.#circuits) {
      if (this.#gater.mayBeReached(target)) continue;
      for (const channel of channels)
        channel.abort(new Error('the peer may no longer be reached through us'));
    }
  }

  /** @returns when it expires. */
  #reserve(connection: Connection): number {
    const peerID = connection.remotePeer.toString();
    const isDirect = !isRelayed(connection.remoteAddr.toString());
    if (!isDirect || !this.#gater.mayBeReached(peerID)) throw new Refusal(Status.PermissionDenied);
    const former = this.#reservations.get(peerID);
    if (!former && this.#reservations.size >= this.#limits.maxReservations)
      throw new Refusal(Status.ReservationRefused);
    const expiresAt = this.#clock.now() + this.#limits.reservationMs;
    this.#reservations.set(peerID, { connection, expiresAt });
    if (former?.connection === connection) return expiresAt;
    // It came back another way, so the former connection is dead; those who wait at its end should know.
    former?.connection.abort(new Error('the peer came back over another connection'));
    connection.addEventListener('close', () => this.#forget(peerID, connection));
    this.#logger.info('a peer can be reached through us', { peer: peerID, address: seenAt(connection) });
    return expiresAt;
  }

  #forget(peerID: string, connection: Connection): void {
    if (this.#reservations.get(peerID)?.connection === connection) this.#reservations.delete(peerID);
  }

  async #connect(stream: Stream, connection: Connection, target: string): Promise<void> {
    const source = connection.remotePeer.toString();
    const reservation = this.#reservations.get(target);
    if (!reservation || reservation.expiresAt <= this.#clock.now()) throw new Refusal(Status.NoReservation);
    if (!this.#hasRoom(source) || !this.#hasRoom(target)) throw new Refusal(Status.ResourceLimitExceeded);
    const circuit: Circuit = { source, target, channels: [] };
    // Counted from now on: many may ask at once.
    this.#circuits.add(circuit);
    try {
      const far = await this.#knock(reservation.connection, source);
      const peer = { peerID: source, address: seenAt(connection) };
      if (!this.#gater.mayBeReached(target) || stream.status !== 'open') {
        far.abort(new Error('nobody may or wants to be connected any more'));
        throw new Refusal(Status.ConnectionFailed);
      }
      // Before either end may speak: a channel takes what comes from the first byte.
      circuit.channels = [
        new Libp2pChannel({ stream }, { remotePeer: source }),
        new Libp2pChannel({ stream: far }, { remotePeer: target }),
      ];
      send(stream, encodeHop({ type: 'status', status: Status.OK, peer }));
      this.#logger.debug('a relayed connection opened', { from: source, to: target });
      await pipe(...(circuit.channels as [Channel, Channel]));
    } finally {
      this.#circuits.delete(circuit);
    }
  }

  /** Asks the target whether it takes a connection. @returns the stream to it. */
  async #knock(connection: Connection, source: string): Promise<Stream> {
    const signal = AbortSignal.timeout(this.#limits.negotiationTimeoutMs);
    let stream: Stream | undefined;
    try {
      stream = await connection.newStream(STOP_PROTOCOL, { signal });
      send(stream, encodeStop({ type: 'connect', peer: { peerID: source } }));
      const answer = decodeStop(await receive(stream, signal));
      if (answer.type === 'status' && answer.status === Status.OK) return stream;
      throw new Error('the peer declined');
    } catch (error) {
      stream?.abort(error as Error);
      throw new Refusal(Status.ConnectionFailed);
    }
  }

  #isPaced(peerID: string): boolean {
    const now = this.#clock.now();
    const known = this.#pace.get(peerID);
    const { since, count } = known && now - known.since < 1_000 ? known : { since: now, count: 0 };
    // Only peers that are trusted come so far: it grows no longer than their list.
    this.#pace.set(peerID, { since, count: count + 1 });
    return count < this.#limits.maxRequestsPerSecond;
  }

  #hasRoom(peerID: string): boolean {
    const of = [...this.#circuits].filter(({ source, target }) => source === peerID || target === peerID);
    return of.length < this.#limits.maxCircuitsPerPeer && this.#circuits.size < this.#limits.maxCircuits;
  }

  async #refuse(stream: Stream, peer: string, error: Error): Promise<void> {
    this.#logger.debug('a request to relay was refused', { peer, error });
    try {
      const status = error instanceof Refusal ? error.status : Status.MalformedMessage;
      send(stream, encodeHop({ type: 'status', status }));
      await stream.close();
    } catch (failure) {
      // It has gone, or takes nothing: then it needs no answer.
      stream.abort(failure as Error);
    }
  }
}

/** Where the peer appears to be: behind a NAT it does not know that itself. */
function seenAt({ remoteAddr }: Connection): string {
  return remoteAddr.toString().replace(/\/p2p\/.*/, '');
}
