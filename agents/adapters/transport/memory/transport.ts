import type { Clock } from '../../../../controllers/ports/clock.ts';
import type {
  AllowedPeer,
  Channel,
  ChannelHandler,
  PeerConnection,
  Transport,
} from '../../../../controllers/ports/transport.ts';
import { notRunning, notTrustedByPeer, peerNotTrusted, peerUnreachable } from '../errors.ts';
import { MemoryConnection } from './connection.ts';
import { addressOf, type MemoryNetwork } from './network.ts';

interface Components {
  network: MemoryNetwork;
  clock: Clock;
}

interface Init {
  peerID: string;
  /** False: it only dials, as the CLI does. Default true. */
  listen?: boolean;
}

/** A transport within one process: same rules as the real one, none of its sockets. */
export class MemoryTransport implements Transport {
  readonly peerID: string;
  readonly #network: MemoryNetwork;
  readonly #clock: Clock;
  readonly #listens: boolean;
  readonly #handlers = new Map<string, ChannelHandler>();
  readonly #connections = new Set<MemoryConnection>();
  readonly #listeners = new Set<() => void>();
  #allowed = new Map<string, AllowedPeer>();
  #running = false;

  constructor(components: Components, init: Init) {
    this.#network = components.network;
    this.#clock = components.clock;
    this.peerID = init.peerID;
    this.#listens = init.listen ?? true;
  }

  addresses(): string[] {
    return this.#running && this.#listens ? [addressOf(this.peerID)] : [];
  }

  allow(peers: readonly AllowedPeer[]): void {
    this.#allowed = new Map(peers.map((peer) => [peer.peerID, peer]));
    this.#lose((remote) => !this.#allowed.has(remote));
  }

  async open(peerID: string, protocol: string, signal: AbortSignal): Promise<Channel> {
    signal.throwIfAborted();
    if (!this.#running) throw notRunning();
    if (!this.#allowed.has(peerID)) throw peerNotTrusted(peerID);
    return (this.#connectionTo(peerID) ?? this.#dial(peerID)).open(this, protocol);
  }

  handle(protocol: string, handler: ChannelHandler): void {
    this.#handlers.set(protocol, handler);
  }

  connections(): PeerConnection[] {
    return [...this.#connections].map((connection) => connection.seenFrom(this.peerID));
  }

  onConnectionChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async start(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    this.#running = true;
    const unlisten = this.#listens ? this.#network.listen(this) : () => {};
    signal.addEventListener('abort', () => {
      this.#running = false;
      unlisten();
      this.#lose(() => true);
    });
  }

  trusts(peerID: string): boolean {
    return this.#allowed.has(peerID);
  }

  handlerOf(protocol: string): ChannelHandler | undefined {
    return this.#handlers.get(protocol);
  }

  attach(connection: MemoryConnection): void {
    this.#connections.add(connection);
    for (const listener of this.#listeners) listener();
  }

  detach(connection: MemoryConnection): void {
    this.#connections.delete(connection);
    for (const listener of this.#listeners) listener();
  }

  #connectionTo(peerID: string): MemoryConnection | undefined {
    return [...this.#connections].find((connection) => connection.seenFrom(this.peerID).peerID === peerID);
  }

  #dial(peerID: string): MemoryConnection {
    const addresses = this.#allowed.get(peerID)?.addresses ?? [];
    if (addresses.length === 0) throw peerUnreachable(peerID, 'no address of it is known');
    const listener = addresses
      .map((address) => this.#network.find(this.peerID, address))
      .find((found) => found);
    if (listener?.peerID !== peerID)
      throw peerUnreachable(peerID, `nobody of this ID answers at ${addresses}`);
    if (!listener.trusts(this.peerID)) throw notTrustedByPeer(peerID);
    const components = { network: this.#network, dialer: this as MemoryTransport, listener };
    return new MemoryConnection(components, { openedAt: this.#clock.now() });
  }

  #lose(condition: (remotePeer: string) => boolean): void {
    for (const connection of [...this.#connections])
      if (condition(connection.seenFrom(this.peerID).peerID)) connection.lose();
  }
}
