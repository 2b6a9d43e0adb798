import type { Connection, Listener, Stream } from '@libp2p/interface';
import type { Clock } from '../../../../controllers/ports/clock.ts';
import type { Logger } from '../../../../controllers/ports/logger.ts';
import {
  type AllowedPeer,
  type Channel,
  type ChannelHandler,
  isRelayed,
  type PeerConnection,
  type Transport,
} from '../../../../controllers/ports/transport.ts';
import type { Identity } from '../../identity/identity.ts';
import { notRunning } from '../errors.ts';
import { Connections } from './connections.ts';
import { listenError } from './errors.ts';
import { Gater } from './gater.ts';
import { defaultLimits, type Limits } from './limits.ts';
import { type Links, link } from './links.ts';
import { createNode, type Node, stopNode } from './node.ts';
import { LocalPorts } from './punch/local-ports.ts';

interface Components {
  identity: Identity;
  clock: Clock;
  logger: Logger;
}

interface Init {
  /** Multiaddrs to listen on; empty: it only dials. */
  listen: readonly string[];
  /** Also at each gateway of ours; default: only where it listens. */
  reserve?: boolean;
  /** Connects peers with each other that are allowed to be reached so. Default: no. */
  relay?: boolean;
  limits?: Partial<Limits>;
}

/** Peers over TCP, Noise and yamux; through a gateway where they cannot be dialled, and directly as soon as they can. */
export class Libp2pTransport implements Transport {
  readonly peerID: string;
  readonly #components: Components;
  readonly #init: Init;
  readonly #limits: Limits;
  readonly #gater: Gater;
  readonly #connections: Connections;
  readonly #handlers = new Map<string, ChannelHandler>();
  readonly #listeners = new Set<Listener>();
  #running: { node: Node; links: Links } | undefined;

  constructor(components: Components, init: Init) {
    this.peerID = components.identity.peerID;
    this.#components = components;
    this.#init = init;
    this.#limits = { ...defaultLimits, ...init.limits };
    this.#gater = new Gater(components, this.#limits);
    this.#connections = new Connections(components, this.#limits);
  }

  addresses(): string[] {
    const listening = [...this.#listeners].flatMap((listener) => listener.getAddrs());
    const own = listening.map((address) => `${address}/p2p/${this.peerID}`);
    return [...own, ...(this.#running?.links.reservations?.addresses() ?? [])];
  }

  allow(peers: readonly AllowedPeer[]): void {
    this.#gater.allow(peers);
    this.#connections.abort(
      (peerID) => !this.#gater.allows(peerID),
      new Error('the peer is no longer trusted'),
    );
    this.#running?.links.relay?.enforce();
    this.#running?.links.reservations?.update();
  }

  async open(peerID: string, protocol: string, signal: AbortSignal): Promise<Channel> {
    signal.throwIfAborted();
    if (!this.#running) throw notRunning();
    const opening = this.#running.links.opener.open(peerID, protocol);
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
    const { listen } = this.#init;
    try {
      const ports = new LocalPorts({ isGateway: (peerID) => this.#gater.leadsToOthers(peerID) });
      const node = await createNode(
        { ...this.#components, gater: this.#gater, ports },
        { listen, limits: this.#limits },
      );
      const links = this.#link(node, ports, signal);
      this.#follow(node, links);
      for (const protocol of this.#handlers.keys()) this.#register(node, protocol);
      await node.start();
      this.#running = { node, links };
      signal.addEventListener('abort', () => void this.#stop(node), { once: true });
      if (signal.aborted) await this.#stop(node);
      links.reservations?.update();
    } catch (error) {
      throw listenError(listen, error as Error);
    }
  }

  #link(node: Node, ports: LocalPorts, signal: AbortSignal): Links {
    const components = {
      ...this.#components,
      node,
      ports,
      gater: this.#gater,
      connections: this.#connections,
    };
    const { reserve = false, relay = false } = this.#init;
    return link(components, { peerID: this.peerID, reserve, relay, limits: this.#limits, signal });
  }

  #follow(node: Node, { puncher }: Links): void {
    node.addEventListener('transport:listening', ({ detail }) => this.#listeners.add(detail));
    node.addEventListener('transport:close', ({ detail }) => this.#listeners.delete(detail));
    node.addEventListener('connection:close', ({ detail }) => this.#connections.remove(detail));
    node.addEventListener('connection:open', ({ detail }) => {
      // The list may have changed since the gater looked at it.
      if (!this.#gater.allows(detail.remotePeer.toString()))
        return detail.abort(new Error('the peer is no longer trusted'));
      this.#connections.add(detail);
      if (detail.direction === 'inbound' && isRelayed(detail.remoteAddr.toString()))
        void puncher.start(detail);
    });
  }

  #register(node: Node, protocol: string): void {
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

  async #stop(node: Node): Promise<void> {
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
