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
};

export type Limits = typeof defaultLimits;
