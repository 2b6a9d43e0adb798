import type { Connection, MessageStreamDirection, Stream } from '@libp2p/interface';
import type { Clock } from '../../../../controllers/ports/clock.ts';
import type { Logger } from '../../../../controllers/ports/logger.ts';
import { isRelayed, type PeerConnection } from '../../../../controllers/ports/transport.ts';
import { Libp2pChannel } from './channel.ts';
import type { Limits } from './limits.ts';

interface OpenConnection {
  readonly connection: Connection;
  readonly peerID: string;
  readonly openedAt: number;
  /** By who opened them. */
  readonly channels: Record<MessageStreamDirection, Set<Libp2pChannel>>;
}

/** The connections that are open, and the channels on them. */
export class Connections {
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #limits: Limits;
  readonly #open = new Map<Connection, OpenConnection>();
  /** Also of closed ones: whoever waits for a stream asks afterwards why it failed. */
  readonly #confirmed = new WeakSet<Connection>();
  readonly #listeners = new Set<() => void>();

  constructor(components: { clock: Clock; logger: Logger }, init: Limits) {
    this.#clock = components.clock;
    this.#logger = components.logger;
    this.#limits = init;
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Those that are known to work: where we are not trusted a dial succeeds too, and is undone a moment later. */
  list(): PeerConnection[] {
    const confirmed = [...this.#open.values()].filter((open) => this.isConfirmed(open.connection));
    return confirmed.toSorted((a, b) => Number(overGateway(a)) - Number(overGateway(b))).map(describe);
  }

  /**
   * A direct one, if there is one. The newest is the likeliest to live: a peer that roams dials anew and
   * leaves the old one for dead.
   */
  newest(peerID: string): Connection | undefined {
    const open = this.#of(peerID).filter(({ connection }) => connection.status === 'open');
    return (open.findLast((one) => !overGateway(one)) ?? open.at(-1))?.connection;
  }

  hasDirect(peerID: string): boolean {
    return this.#of(peerID).some((open) => !overGateway(open) && open.connection.status === 'open');
  }

  isConfirmed(connection: Connection): boolean {
    return this.#confirmed.has(connection);
  }

  add(connection: Connection): void {
    // One that closed while it was being set up is never announced as closed.
    if (connection.status !== 'open') return;
    const peerID = connection.remotePeer.toString();
    this.#makeRoom(peerID);
    const channels = { inbound: new Set<Libp2pChannel>(), outbound: new Set<Libp2pChannel>() };
    this.#open.set(connection, { connection, peerID, channels, openedAt: this.#clock.now() });
    if (connection.direction === 'inbound') this.confirm(connection);
  }

  /** It dialled us, or let us open a stream: either way it trusts us. */
  confirm(connection: Connection): void {
    const open = this.#open.get(connection);
    if (!open || this.isConfirmed(connection)) return;
    this.#confirmed.add(connection);
    this.#announce('a connection opened', open);
    this.#retire(open.peerID);
  }

  remove(connection: Connection): void {
    const open = this.#open.get(connection);
    this.#open.delete(connection);
    if (open && this.isConfirmed(connection)) this.#announce('a connection closed', open);
  }

  hasRoom(peerID: string, direction: MessageStreamDirection): boolean {
    const count = this.#of(peerID).reduce((sum, { channels }) => sum + channels[direction].size, 0);
    return count < this.#limits.maxStreamsPerPeer;
  }

  /** Makes a channel of a stream. Undefined when its connection has closed in the meantime. */
  adopt(connection: Connection, stream: Stream): Libp2pChannel | undefined {
    const open = this.#open.get(connection);
    if (!open) return undefined;
    const channel = new Libp2pChannel({ stream }, { remotePeer: open.peerID });
    const channels = open.channels[stream.direction];
    channels.add(channel);
    void channel.closed.then(() => {
      channels.delete(channel);
      this.#retire(open.peerID);
    });
    return channel;
  }

  /** Breaks the connections of some peers, and all that runs over them. */
  abort(condition: (peerID: string) => boolean, reason: Error): void {
    for (const open of [...this.#open.values()]) if (condition(open.peerID)) abort(open, reason);
  }

  /** Ends all connections; what was written before is still sent. */
  async close(): Promise<void> {
    await Promise.all([...this.#open.values()].map(close));
  }

  #of(peerID: string): OpenConnection[] {
    return [...this.#open.values()].filter((open) => open.peerID === peerID);
  }

  /** A newcomer wins, or a peer behind a flapping link could not return until its dead connections are noticed. */
  #makeRoom(peerID: string): void {
    const open = this.#of(peerID);
    if (open.length < this.#limits.maxConnectionsPerPeer) return;
    const [victim] = open.toSorted((a, b) => channelsOf(a).length - channelsOf(b).length);
    if (victim) abort(victim, new Error('the peer opened too many connections'));
  }

  /**
   * Closes what leads through a gateway once there is a direct way and nothing runs over it any more. Only the
   * end that dialled, and some time later: a channel that is just being opened should find it open.
   */
  #retire(peerID: string): void {
    const isSpare = (open: OpenConnection) =>
      overGateway(open) &&
      open.connection.direction === 'outbound' &&
      channelsOf(open).length === 0 &&
      this.hasDirect(peerID);
    for (const spare of this.#of(peerID).filter(isSpare))
      this.#clock.after(this.#limits.negotiationTimeoutMs, () => {
        if (isSpare(spare)) void close(spare);
      });
  }

  #announce(message: string, open: OpenConnection): void {
    const { peerID: peer, address, direction } = describe(open);
    this.#logger.debug(message, { peer, address, direction });
    for (const listener of this.#listeners) listener();
  }
}

function overGateway({ connection }: OpenConnection): boolean {
  return isRelayed(connection.remoteAddr.toString());
}

function describe({ connection, peerID, openedAt }: OpenConnection): PeerConnection {
  return { peerID, address: connection.remoteAddr.toString(), direction: connection.direction, openedAt };
}

function channelsOf({ channels }: OpenConnection): Libp2pChannel[] {
  return [...channels.inbound, ...channels.outbound];
}

function abort({ connection }: OpenConnection, reason: Error): void {
  connection.abort(reason);
}

async function close(open: OpenConnection): Promise<void> {
  // First the channels: closing a connection would end each as if all its bytes had been sent.
  for (const channel of channelsOf(open)) channel.abort(new Error('the transport stopped'));
  await open.connection.close().catch((error: Error) => open.connection.abort(error));
}
