import type { ConnectionGater, MultiaddrConnection, PeerId } from '@libp2p/interface';
import type { Clock } from '../../../../controllers/ports/clock.ts';
import type { Logger } from '../../../../controllers/ports/logger.ts';
import type { AllowedPeer } from '../../../../controllers/ports/transport.ts';
import type { Limits } from './limits.ts';
import { expectPreamble } from './preamble.ts';

/** Strangers knock all day: the log says so this often, in milliseconds, and how many there were. */
const REFUSAL_LOG_INTERVAL_MS = 10_000;

/**
 * The allow list, asked at each step of a connection. A stranger gets as far as Noise, which it takes to
 * know who it is, and no further: no muxer, no protocol, no byte of ours parsed for it.
 */
export class Gater implements ConnectionGater {
  /** Peers that have proven their ID to us when last dialled. */
  readonly proven = new Set<string>();
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #maxPending: number;
  readonly #pending = new Set<MultiaddrConnection>();
  #allowed = new Map<string, AllowedPeer>();
  /** Peers that an address of another leads through. */
  #waypoints = new Set<string>();
  #refusals = { count: 0, loggedAt: Number.NEGATIVE_INFINITY };

  constructor(components: { clock: Clock; logger: Logger }, init: Pick<Limits, 'maxPendingInbound'>) {
    this.#clock = components.clock;
    this.#logger = components.logger;
    this.#maxPending = init.maxPendingInbound;
  }

  allow(peers: readonly AllowedPeer[]): void {
    this.#allowed = new Map(peers.map((peer) => [peer.peerID, peer]));
    this.#waypoints = new Set(peers.flatMap(({ addresses }) => addresses.flatMap(waypointOf)));
  }

  allows(peerID: string): boolean {
    return this.#allowed.has(peerID);
  }

  addressesOf(peerID: string): readonly string[] {
    return this.#allowed.get(peerID)?.addresses ?? [];
  }

  /** Whether it relays for us. */
  isGateway(peerID: string): boolean {
    return this.#allowed.get(peerID)?.gateway === true;
  }

  /** Whether others may be reached through it. */
  leadsToOthers(peerID: string): boolean {
    return this.isGateway(peerID) || this.#waypoints.has(peerID);
  }

  /** Peer IDs of those that relay for us. */
  gateways(): string[] {
    return [...this.#allowed.keys()].filter((peerID) => this.isGateway(peerID));
  }

  /** Whether others may reach it through us. */
  mayBeReached(peerID: string): boolean {
    return this.#allowed.get(peerID)?.relay === true;
  }

  denyDialPeer(peer: PeerId): boolean {
    return !this.allows(peer.toString());
  }

  /** Before a byte was read. */
  denyInboundConnection(connection: MultiaddrConnection): boolean {
    expectPreamble(connection);
    this.#pending.add(connection);
    connection.addEventListener('close', () => this.#pending.delete(connection), { once: true });
    const [oldest] = this.#pending;
    if (this.#pending.size > this.#maxPending) oldest?.abort(new Error('too many unfinished handshakes'));
    return false;
  }

  /** After Noise, before the muxer: the first moment at which it is known who is there. */
  denyInboundEncryptedConnection(peer: PeerId, connection: MultiaddrConnection): boolean {
    this.#pending.delete(connection);
    if (this.allows(peer.toString())) return false;
    this.#logRefusal(peer, connection);
    return true;
  }

  denyOutboundEncryptedConnection(peer: PeerId): boolean {
    this.proven.add(peer.toString());
    return !this.allows(peer.toString());
  }

  #logRefusal(peer: PeerId, connection: MultiaddrConnection): void {
    this.#refusals.count += 1;
    if (this.#clock.now() - this.#refusals.loggedAt < REFUSAL_LOG_INTERVAL_MS) return;
    const { count } = this.#refusals;
    this.#refusals = { count: 0, loggedAt: this.#clock.now() };
    const fields = { peer: peer.toString(), address: connection.remoteAddr.toString(), count };
    this.#logger.info('refused connections of peers that are not trusted', fields);
  }
}

function waypointOf(address: string): string[] {
  const [, peerID] = /\/p2p\/([^/]+)\/p2p-circuit/.exec(address) ?? [];
  return peerID === undefined ? [] : [peerID];
}
