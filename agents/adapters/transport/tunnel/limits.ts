const KiB = 1024;
const MiB = 1024 * KiB;

/** Every bound of a tunnel that its two ends need not agree on. Times are milliseconds. */
export const defaultLimits = {
  /** TCP and TLS take three round trips: generous for a satellite link, short for a slow-loris. */
  handshakeTimeoutMs: 5_000,

  /** Unfinished handshakes; beyond that the oldest is dropped, so that a flood cannot lock out an honest peer. */
  maxPendingHandshakes: 256,

  /** A silent connection is probed this often... */
  keepAliveMs: 5_000,

  /** ...and given up here: two probes may get lost, and a half-open tunnel is noticed in under 15 s. */
  deadAfterMs: 12_000,

  /** One per client connection: thousands of WebSockets, at some 10 KiB each. */
  maxStreams: 4_096,

  /** IDs are never used twice and have 32 bits: at a thousand a second the tunnel is renewed every 50 days. */
  maxStreamID: 2 ** 32 - 1,

  /** What one stream may have under way: 1 Gbit/s at a round trip of 64 ms. */
  maxWindowBytes: 8 * MiB,

  /** What all streams of a connection may have under way to us, beyond the 16 KiB that each may have in any case. */
  maxBufferedBytes: 64 * MiB,

  /** Frames that move no data: 5,000 short connections a second need 30,000. Each costs about a microsecond. */
  framesPerSecond: 50_000,

  /** Streams that the opener breaks off; each costs a connection here. Beyond that new ones are turned away. */
  resetsPerSecond: 500,

  /** As much of both may come at once. */
  burstFrames: 50_000,
  burstResets: 4_096,
};

export type Limits = typeof defaultLimits;
