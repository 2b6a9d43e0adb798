import { MAX_STREAMS_PER_PEER } from '../../../../api/protocol/limits.ts';

const KiB = 1024;

/** Every bound of the node, because the library's own are none or too tight for us. Times are milliseconds. */
export const defaultLimits = {
  /** At about 200 KiB each, 100 MiB: far more than one person's friends. */
  maxConnections: 512,

  /** Programs that share an identity: one `sync --watch`, some CLI commands side by side. */
  maxConnectionsPerPeer: 8,

  /** Unfinished handshakes; beyond that the oldest is dropped, so a flood cannot lock out an honest peer. */
  maxPendingInbound: 256,

  /** A NAT can hide a whole office; 20 handshakes cost about 30 ms of one core. */
  maxInboundPerSecondPerHost: 20,

  /** TCP and Noise take three round trips: generous for a satellite link, short for a slow-loris. */
  handshakeTimeoutMs: 5_000,

  /** All addresses of a peer together, of which each has {@link handshakeTimeoutMs}. */
  dialTimeoutMs: 20_000,

  /** Choosing the protocol of a stream takes one round trip, behind whatever else is on the wire. */
  negotiationTimeoutMs: 10_000,

  /** How long an orderly stop may flush what was already written. */
  closeTimeoutMs: 500,

  /** NAT tables forget silent TCP flows after minutes; a dead peer should be noticed sooner. */
  keepAliveMs: 10_000,

  /** So many keep-alives without a byte in answer, and the peer is dead: 30 s. */
  keepAliveMisses: 3,

  /** Of either direction. The library can count them per connection only, so {@link Connections} does it too. */
  maxStreamsPerPeer: MAX_STREAMS_PER_PEER,

  /** 10 MB/s at a round trip of 50 ms. Twice this is the memory that a stream nobody reads can hold. */
  maxStreamWindowBytes: 512 * KiB,

  /** A quarter of this is the window: the library resets a stream whose reader is slow and whose window is larger. */
  maxReadBufferBytes: 4 * 512 * KiB,

  /** A channel waits for room before it sends, so this much is never queued unless a peer reads nothing at all. */
  maxWriteBufferBytes: 1024 * KiB,

  /** Answers (pongs, window updates) that a peer causes but does not read; honest streams queue half of it at most. */
  maxConnectionWriteBufferBytes: 16 * 1024 * KiB,

  /** Peers that can be reached through us at a time: half of the connections, the others are for those who reach them. */
  maxReservations: 256,

  /** Renewed at half of it; a peer that went away without a word is forgotten sooner, with its connection. */
  reservationMs: 3_600_000,

  /** Relayed connections of one peer, to it and from it: half of the streams that it may have. */
  maxCircuitsPerPeer: MAX_STREAMS_PER_PEER / 2,

  /** Of one peer, to relay: each may end in a handshake at another peer, who is not asked before. */
  maxRequestsPerSecond: 5,

  /** Relayed connections in all. Each holds two windows and two read-aheads at most, 1.2 MiB, so 300 MiB. */
  maxCircuits: 256,

  /** How long a direct address may take before gateways are asked too: three round trips to the other side of the world. */
  directHeadStartMs: 750,

  /** Between attempts to reach a gateway: this doubles, up to {@link maxRetryMs}. */
  retryMs: 500,

  /** A gateway that is back is found again within this time; a SYN so often costs nobody anything. */
  maxRetryMs: 10_000,

  /** As often both ends try to become direct; what three attempts do not open stays closed. */
  punchAttempts: 3,

  /** One attempt; the kernel repeats a SYN after one second and after three. */
  punchTimeoutMs: 4_000,

  /** After a NAT turned us away. By then the other end has dialled too, and its NAT expects us. */
  punchRetryMs: 50,
};

export type Limits = typeof defaultLimits;
