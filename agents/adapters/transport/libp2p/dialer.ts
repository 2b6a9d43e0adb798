import type { Connection } from '@libp2p/interface';
import { type Multiaddr, multiaddr } from '@multiformats/multiaddr';
import type { Libp2p } from 'libp2p';
import { peerNotTrusted, peerUnreachable } from '../errors.ts';
import { dialError } from './errors.ts';
import type { Gater } from './gater.ts';

/** Dials trusted peers, each once at a time. */
export class Dialer {
  readonly #node: Libp2p;
  readonly #gater: Gater;
  readonly #dials = new Map<string, Promise<Connection>>();

  constructor(components: { node: Libp2p; gater: Gater }) {
    this.#node = components.node;
    this.#gater = components.gater;
  }

  /** A new connection, or the one that is just being made. */
  dial(peerID: string): Promise<Connection> {
    const dial = this.#dials.get(peerID) ?? this.#dial(peerID).finally(() => this.#dials.delete(peerID));
    this.#dials.set(peerID, dial);
    return dial;
  }

  async #dial(peerID: string): Promise<Connection> {
    const known = this.#gater.addressesOf(peerID);
    if (known.length === 0)
      throw peerUnreachable(peerID, 'no address of it is known, and it has not dialled us');
    const addresses = known.flatMap((address) => complete(address, peerID));
    if (addresses.length === 0)
      throw peerUnreachable(peerID, `none of its addresses is valid: ${known.join(', ')}`);
    this.#gater.proven.delete(peerID);
    try {
      return await this.#node.dial(addresses);
    } catch (error) {
      // Trust may have been withdrawn meanwhile, by the owner of this very machine.
      if (!this.#gater.allows(peerID)) throw peerNotTrusted(peerID);
      throw dialError(peerID, error as Error, this.#gater.proven.has(peerID));
    }
  }
}

/** With the peer ID that must answer there; empty when it is not a multiaddr, or one of another peer. */
function complete(address: string, peerID: string): Multiaddr[] {
  try {
    const parsed = multiaddr(address);
    const expected = parsed.getComponents().findLast(({ name }) => name === 'p2p')?.value;
    if (expected === undefined) return [parsed.encapsulate(`/p2p/${peerID}`)];
    return expected === peerID ? [parsed] : [];
  } catch {
    // A list with one bad address still has its good ones.
    return [];
  }
}
