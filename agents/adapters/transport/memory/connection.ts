import { MAX_STREAMS_PER_PEER } from '../../../../api/protocol/limits.ts';
import type { Channel, PeerConnection } from '../../../../controllers/ports/transport.ts';
import { connectionLost, incompatibleVersion, tooManyChannels } from '../errors.ts';
import { channelPair, type MemoryChannel } from './channel.ts';
import { addressOf, type MemoryNetwork } from './network.ts';
import type { MemoryTransport } from './transport.ts';

interface OpenChannel {
  opener: MemoryTransport;
  ends: [MemoryChannel, MemoryChannel];
}

/** What two peers share once one has dialled the other: both may open channels over it. */
export class MemoryConnection {
  readonly #network: MemoryNetwork;
  readonly #dialer: MemoryTransport;
  readonly #listener: MemoryTransport;
  readonly #openedAt: number;
  readonly #forget: () => void;
  readonly #channels = new Set<OpenChannel>();

  constructor(
    components: { network: MemoryNetwork; dialer: MemoryTransport; listener: MemoryTransport },
    init: { openedAt: number },
  ) {
    this.#network = components.network;
    this.#dialer = components.dialer;
    this.#listener = components.listener;
    this.#openedAt = init.openedAt;
    this.#forget = components.network.track(this);
    for (const end of this.#ends) end.attach(this);
  }

  joins(a: string, b: string): boolean {
    const peers = this.#ends.map((end) => end.peerID);
    return peers.includes(a) && peers.includes(b);
  }

  /** What one of its ends sees. */
  seenFrom(peerID: string): PeerConnection {
    const outbound = peerID === this.#dialer.peerID;
    const remote = outbound ? this.#listener : this.#dialer;
    return {
      peerID: remote.peerID,
      address: addressOf(remote.peerID),
      direction: outbound ? 'outbound' : 'inbound',
      openedAt: this.#openedAt,
    };
  }

  open(opener: MemoryTransport, protocol: string): Channel {
    const server = opener === this.#dialer ? this.#listener : this.#dialer;
    const handler = server.handlerOf(protocol);
    if (!handler) throw incompatibleVersion(server.peerID, protocol);
    const open = [...this.#channels].filter((channel) => channel.opener === opener).length;
    if (open >= MAX_STREAMS_PER_PEER) throw tooManyChannels(server.peerID, MAX_STREAMS_PER_PEER);
    const ends = channelPair(opener.peerID, server.peerID, this.#network.deliver);
    this.#keep({ opener, ends });
    const [near, far] = ends;
    this.#network.deliver(() => void handler(far).catch((error: Error) => far.abort(error)));
    return near;
  }

  /** Breaks it for both sides at once, as a network that fails or a peer that is no longer trusted. */
  lose(): void {
    this.#forget();
    for (const end of this.#ends) end.detach(this);
    for (const { ends } of this.#channels) for (const end of ends) end.break(connectionLost(end.remotePeer));
  }

  get #ends(): [MemoryTransport, MemoryTransport] {
    return [this.#dialer, this.#listener];
  }

  #keep(channel: OpenChannel): void {
    this.#channels.add(channel);
    void Promise.all(channel.ends.map((end) => end.closed)).then(() => this.#channels.delete(channel));
  }
}
