import type { Clock } from '../../../../controllers/ports/clock.ts';
import type { MemoryConnection } from './connection.ts';
import type { Deliver } from './pipe.ts';
import type { MemoryTransport } from './transport.ts';

/** The wires between memory transports of one process, for tests: they can be cut, healed and made long. */
export class MemoryNetwork {
  readonly #clock: Clock;
  readonly #delay: number;
  readonly #listeners = new Map<string, MemoryTransport>();
  readonly #connections = new Set<MemoryConnection>();
  readonly #cuts = new Set<string>();

  /** @param init.delayMilliseconds One way; default 0, which delivers at once and needs no clock to turn. */
  constructor(components: { clock: Clock }, init: { delayMilliseconds?: number } = {}) {
    this.#clock = components.clock;
    this.#delay = init.delayMilliseconds ?? 0;
  }

  /** Breaks what is open between two peers and lets nothing new through until {@link heal}. */
  cut(a: string, b: string): void {
    this.#cuts.add(link(a, b));
    for (const connection of [...this.#connections]) if (connection.joins(a, b)) connection.lose();
  }

  heal(a: string, b: string): void {
    this.#cuts.delete(link(a, b));
  }

  /** Who answers at an address, as seen from `dialer`. */
  find(dialer: string, address: string): MemoryTransport | undefined {
    const listener = this.#listeners.get(withoutPeerID(address));
    return listener && !this.#cuts.has(link(dialer, listener.peerID)) ? listener : undefined;
  }

  listen(transport: MemoryTransport): () => void {
    const address = withoutPeerID(addressOf(transport.peerID));
    this.#listeners.set(address, transport);
    return () => this.#listeners.delete(address);
  }

  track(connection: MemoryConnection): () => void {
    this.#connections.add(connection);
    return () => this.#connections.delete(connection);
  }

  readonly deliver: Deliver = (change) => {
    if (this.#delay === 0) change();
    else this.#clock.after(this.#delay, change);
  };
}

/** A multiaddr that a TrustedPeer may carry. */
export function addressOf(peerID: string): string {
  return `/dns4/${peerID}.memory/tcp/1/p2p/${peerID}`;
}

function withoutPeerID(address: string): string {
  return address.replace(/\/p2p\/[^/]+$/, '');
}

function link(a: string, b: string): string {
  return [a, b].sort().join(' ');
}
