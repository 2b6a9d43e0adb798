/** Bytes in both directions between two authenticated peers, with back-pressure. */
export interface Channel {
  /** Peer ID that the other side has proven. */
  readonly remotePeer: string;
  /** The next bytes, or undefined after the other side closed its half. Rejects when the channel broke: bytes may be missing. */
  read(): Promise<Uint8Array | undefined>;
  /** Resolves when there is room for more. */
  write(bytes: Uint8Array): Promise<void>;
  /** Ends our half; the other side reads undefined after the last byte. */
  close(): Promise<void>;
  /** Ends both halves at once; the other side's read rejects. */
  abort(reason: Error): void;
  /** Resolves when both halves are closed or the channel broke; never rejects. */
  readonly closed: Promise<void>;
}

export type ChannelHandler = (channel: Channel) => Promise<void>;

export interface AllowedPeer {
  peerID: string;
  /** Multiaddrs where it may be dialled. */
  addresses: readonly string[];
  /** It relays for us: we may be reached through it, and reach others through it. Default: no. */
  gateway?: boolean;
  /** Others may reach it through us, where we relay. Default: no. */
  relay?: boolean;
}

export interface PeerConnection {
  peerID: string;
  /** Multiaddr of the other end. */
  address: string;
  direction: 'inbound' | 'outbound';
  /** Milliseconds since the epoch. */
  openedAt: number;
}

/** Whether an address leads through a gateway, and not straight to the peer. */
export function isRelayed(address: string): boolean {
  return address.includes('/p2p-circuit');
}

/**
 * Connects to the peers it is told to trust, and to nobody else: others are refused before one byte
 * of ours is parsed for them. Signing, framing and verbs sit above.
 */
export interface Transport {
  readonly peerID: string;
  /** Where it is reached, as multiaddrs; empty on one that only dials. */
  addresses(): string[];
  /** Replaces the list of trusted peers. Connections of peers no longer on it are closed. */
  allow(peers: readonly AllowedPeer[]): void;
  /**
   * Opens a channel, connecting first where needed. Rejects with a StatusError whose cause is
   * `PeerNotTrusted` (not on our list), `NotTrustedByPeer` (it closed on us once it knew who we are),
   * `PeerUnreachable` (no address answered) or `IncompatibleVersion` (it does not speak the protocol).
   */
  open(peerID: string, protocol: string, signal: AbortSignal): Promise<Channel>;
  /** Serves a protocol. A handler that rejects aborts its channel. */
  handle(protocol: string, handler: ChannelHandler): void;
  /** Of several to one peer the one that new channels are opened over comes first: a direct one, if there is one. */
  connections(): PeerConnection[];
  /** Calls back when a connection opens or closes; the returned function unsubscribes. */
  onConnectionChange(listener: () => void): () => void;
  start(signal: AbortSignal): Promise<void>;
}
