import type { Connection, Listener, Stream } from '@libp2p/interface';
import type { Libp2p } from 'libp2p';
import type { Clock } from '../../../../controllers/ports/clock.ts';
import type { Logger } from '../../../../controllers/ports/logger.ts';
import type {
  AllowedPeer,
  Channel,
  ChannelHandler,
  PeerConnection,
  Transport,
} from '../../../../controllers/ports/transport.ts';
import type { Identity } from '../../identity/identity.ts';
import { notRunning } from '../errors.ts';
import { Connections } from './connections.ts';
import { Dialer } from './dialer.ts';
import { listenError } from './errors.ts';
import { Gater } from './gater.ts';
import { defaultLimits, type Limits } from './limits.ts';
import { createNode, stopNode } from './node.ts';
import { Opener } from './opener.ts';

interface Components {
  identity: Identity;
  clock: Clock;
  logger: Logger;
}

interface Init {
  /** Multiaddrs to listen on; empty: it only dials. */
  listen: readonly string[];
  limits?: Partial<Limits>;
}

/** Peers over TCP, Noise and yamux. */
export class Libp2pTransport implements Transport {
  readonly peerID: string;
  readonly #components: Components;
  readonly #listen: readonly string[];
  readonly #limits: Limits;
  readonly #gater: Gater;
  readonly #connections: Connections;
  readonly #handlers = new Map<string, ChannelHandler>();
  readonly #listeners = new Set<Listener>();
  #running: { node: Libp2p; opener: Opener } | undefined;

  constructor(components: Components, init: Init) {
    this.peerID = components.identity.peerID;
    this.#components = components;
    this.#listen = init.listen;
    this.#limits = { ...defaultLimits, ...init.limits };
    this.#gater = new Gater(components, this.#limits);
    this.#connections = new Connections(components, this.#limits);
  }

  addresses(): string[] {
    const addresses = [...this.#listeners].flatMap((listener) => listener.getAddrs());
    return addresses.map((address) => `${address}/p2p/${this.peerID}`);
  }

  allow(peers: readonly AllowedPeer[]): void {
    this.#gater.allow(peers);
    this.#connections.abort(
      (peerID) => !this.#gater.allows(peerID),
      new Error('the peer is no longer trusted'),
    );
  }

  async open(peerID: string, protocol: string, signal: AbortSignal): Promise<Channel> {
    signal.throwIfAborted();
    if (!this.#running) throw notRunning();
    const opening = this.#running.opener.open(peerID, protocol);
    const aborted = Promise.withResolvers<never>();
    const onAbort = () => aborted.reject(signal.reason);
    signal.addEventListener('abort', onAbort);
    try {
      return await Promise.race([opening, aborted.promise]);
    } catch (error) {
      // Dialling goes on for others who wait; a channel that comes too late is given back.
      if (signal.aborted) opening.then((channel) => channel.abort(signal.reason)).catch(() => undefined);
      throw error;
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  }

  handle(protocol: string, handler: ChannelHandler): void {
    const known = this.#handlers.has(protocol);
    this.#handlers.set(protocol, handler);
    if (this.#running && !known) this.#register(this.#running.node, protocol);
  }

  connections(): PeerConnection[] {
    return this.#connections.list();
  }

  onConnectionChange(listener: () => void): () => void {
    return this.#connections.onChange(listener);
  }

  async start(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    try {
      const node = await createNode(
        { ...this.#components, gater: this.#gater },
        { listen: this.#listen, limits: this.#limits },
      );
      this.#follow(node);
      for (const protocol of this.#handlers.keys()) this.#register(node, protocol);
      await node.start();
      this.#running = { node, opener: this.#opener(node) };
      signal.addEventListener('abort', () => void this.#stop(node), { once: true });
      if (signal.aborted) await this.#stop(node);
    } catch (error) {
      throw listenError(this.#listen, error as Error);
    }
  }

  #opener(node: Libp2p): Opener {
    const components = {
      dialer: new Dialer({ node, gater: this.#gater }),
      gater: this.#gater,
      connections: this.#connections,
    };
    return new Opener(components, this.#limits);
  }

  #follow(node: Libp2p): void {
    node.addEventListener('transport:listening', ({ detail }) => this.#listeners.add(detail));
    node.addEventListener('transport:close', ({ detail }) => this.#listeners.delete(detail));
    node.addEventListener('connection:close', ({ detail }) => this.#connections.remove(detail));
    node.addEventListener('connection:open', ({ detail }) => {
      // The list may have changed since the gater looked at it.
      if (this.#gater.allows(detail.remotePeer.toString())) this.#connections.add(detail);
      else detail.abort(new Error('the peer is no longer trusted'));
    });
  }

  #register(node: Libp2p, protocol: string): void {
    const limit = this.#limits.maxStreamsPerPeer;
    const options = { maxInboundStreams: limit, maxOutboundStreams: limit };
    // It takes effect at once; what may fail later is the library's own record of what it serves.
    node
      .handle(protocol, (stream, connection) => this.#serve(protocol, stream, connection), options)
      .catch((error: Error) =>
        this.#components.logger.warn('could not record a protocol', { protocol, error }),
      );
  }

  #serve(protocol: string, stream: Stream, connection: Connection): void {
    const handler = this.#handlers.get(protocol);
    this.#connections.confirm(connection);
    const hasRoom = this.#connections.hasRoom(connection.remotePeer.toString(), 'inbound');
    const channel = hasRoom ? this.#connections.adopt(connection, stream) : undefined;
    if (!handler || !channel) stream.abort(new Error('the peer has too many channels'));
    else handler(channel).catch((error: Error) => this.#abort(channel, protocol, error));
  }

  #abort(channel: Channel, protocol: string, error: Error): void {
    this.#components.logger.debug('a channel failed', { peer: channel.remotePeer, protocol, error });
    channel.abort(error);
  }

  async #stop(node: Libp2p): Promise<void> {
    this.#running = undefined;
    await this.#connections.close();
    try {
      await stopNode(node);
    } catch (error) {
      // Nobody waits for it, and there is nothing left to do but exit.
      this.#components.logger.warn('the transport did not stop cleanly', { error });
    }
  }
}
