import type { Connection } from '@libp2p/interface';
import { type Multiaddr, multiaddr } from '@multiformats/multiaddr';
import type { Clock } from '../../../../controllers/ports/clock.ts';
import { peerNotTrusted, peerUnreachable } from '../errors.ts';
import type { Connections } from './connections.ts';
import { dialError, explain } from './errors.ts';
import type { Gater } from './gater.ts';
import type { Limits } from './limits.ts';
import type { Node } from './node.ts';
import { gatewayOf } from './relay/circuit-address.ts';
import type { Circuits } from './relay/circuits.ts';
import { wait } from './wait.ts';

interface Components {
  node: Node;
  gater: Gater;
  connections: Connections;
  circuits: Circuits;
  clock: Clock;
}

/** The ways to a peer. */
interface Routes {
  direct: Multiaddr[];
  /** Gateways to ask for it, and where each may be beside what is known of it. */
  gateways: Map<string, Multiaddr[]>;
}

/** Dials trusted peers, each once at a time. */
export class Dialer {
  readonly #components: Components;
  readonly #limits: Limits;
  readonly #dials = new Map<string, Promise<Connection>>();

  constructor(components: Components, init: Limits) {
    this.#components = components;
    this.#limits = init;
  }

  /**
   * A new connection, or the one that is just being made.
   * @param also Addresses beside those that are known.
   */
  dial(peerID: string, also: readonly Multiaddr[] = []): Promise<Connection> {
    const dial =
      this.#dials.get(peerID) ?? this.#dial(peerID, also).finally(() => this.#dials.delete(peerID));
    this.#dials.set(peerID, dial);
    return dial;
  }

  async #dial(peerID: string, also: readonly Multiaddr[]): Promise<Connection> {
    const { gater } = this.#components;
    const routes = this.#routes(peerID, also);
    gater.proven.delete(peerID);
    const found = new AbortController();
    try {
      return await this.#any(peerID, routes, found.signal);
    } catch (error) {
      // Trust may have been withdrawn meanwhile, by the owner of this very machine.
      if (!gater.allows(peerID)) throw peerNotTrusted(peerID);
      throw dialError(peerID, error as Error, gater.proven.has(peerID));
    } finally {
      found.abort(new Error('another way was faster'));
    }
  }

  /** Directly, and before that has failed for long through the gateways as well: a peer that moved is there. */
  #any(peerID: string, { direct, gateways }: Routes, found: AbortSignal): Promise<Connection> {
    if (gateways.size === 0) return this.#components.node.dial(direct);
    const straight = direct.length > 0 ? this.#components.node.dial(direct) : undefined;
    const headStart = straight && Promise.race([failed(straight), this.#headStart(found)]);
    const relayed = [...gateways].map(async ([gateway, where]) => {
      await headStart;
      return this.#through(gateway, where, peerID, found);
    });
    return Promise.any(straight ? [straight, ...relayed] : relayed);
  }

  async #through(
    gateway: string,
    where: readonly Multiaddr[],
    peerID: string,
    found: AbortSignal,
  ): Promise<Connection> {
    const { connections, circuits } = this.#components;
    try {
      found.throwIfAborted();
      const connection = connections.newest(gateway) ?? (await this.dial(gateway, where));
      const signal = AbortSignal.any([found, AbortSignal.timeout(this.#limits.dialTimeoutMs)]);
      return await circuits.dial(connection, peerID, signal);
    } catch (error) {
      throw new Error(`through gateway ${gateway}: ${explain(error as Error)}`, { cause: error });
    }
  }

  #headStart(found: AbortSignal): Promise<void> {
    return wait(this.#components.clock, this.#limits.directHeadStartMs, found);
  }

  /** @throws StatusError when there is none. */
  #routes(peerID: string, also: readonly Multiaddr[]): Routes {
    const { gater } = this.#components;
    const known = gater.addressesOf(peerID);
    const addresses = [...known.flatMap((address) => complete(address, peerID)), ...also];
    // A gateway is in a public place: whoever does not reach it there does not reach it through another.
    const usual = gater.isGateway(peerID) ? [] : gater.gateways();
    const gateways = new Map(usual.map((gateway): [string, Multiaddr[]] => [gateway, []]));
    const direct = addresses.filter((address) => {
      const gateway = gatewayOf(address);
      if (gateway) gateways.set(gateway.peerID, [...(gateways.get(gateway.peerID) ?? []), gateway.address]);
      return !gateway;
    });
    if (direct.length > 0 || gateways.size > 0) return { direct, gateways };
    const why =
      known.length === 0
        ? 'no address of it is known, and it has not dialled us'
        : `none of its addresses is valid: ${known.join(', ')}`;
    throw peerUnreachable(peerID, why);
  }
}

/** With the peer ID that must answer there; empty when it is not a multiaddr, or one of another peer. */
function complete(address: string, peerID: string): Multiaddr[] {
  try {
    const parsed = multiaddr(address);
    const components = parsed.getComponents();
    const expected = components.findLast(({ name }) => name === 'p2p')?.value;
    if (expected === undefined || components.at(-1)?.name === 'p2p-circuit')
      return [parsed.encapsulate(`/p2p/${peerID}`)];
    return expected === peerID ? [parsed] : [];
  } catch {
    // A list with one bad address still has its good ones.
    return [];
  }
}

/** Resolves when it rejects. */
function failed(promise: Promise<unknown>): Promise<void> {
  return new Promise((resolve) => {
    promise.catch(() => resolve());
  });
}
