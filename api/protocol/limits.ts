/** Limits of the wire. A peer that exceeds one loses its stream; each number has its reason. */

const KiB = 1024;

/** A whole spec: 512 env vars of 1 KiB and some arguments; Kubernetes' own limit for an object is 1.5 MiB. */
export const MAX_BODY_BYTES = 1024 * KiB;

/** Claims and signature: about 700 bytes; names and hashes are bounded, so nothing honest is larger. */
export const MAX_ENVELOPE_BYTES = 4 * KiB;

/** A frame of the store protocol: envelope, body, and the length between them. */
export const MAX_FRAME_BYTES = MAX_BODY_BYTES + MAX_ENVELOPE_BYTES + 4;

/** A log line is cut at 16 KiB by Docker itself; a frame carries a batch of them. */
export const MAX_LOG_FRAME_BYTES = 64 * KiB;

/** Once a frame has begun, the rest must follow within this time, in milliseconds. */
export const FRAME_TIMEOUT_MS = 15_000;

/** A stream whose first request has not arrived by then is closed, in milliseconds. */
export const FIRST_REQUEST_TIMEOUT_MS = 15_000;

/** How long an answer may take before the caller gives up, in milliseconds. */
export const RESPONSE_TIMEOUT_MS = 30_000;

/** A watch that is silent sends a bookmark this often, in milliseconds, so that a dead peer is noticed. */
export const WATCH_HEARTBEAT_MS = 10_000;

/** Three heartbeats missed: the watch is dead. */
export const WATCH_TIMEOUT_MS = 3 * WATCH_HEARTBEAT_MS;

/** Streams one peer may have open at a time: every kind watched twice over, logs of 20 replicas, and some requests. */
export const MAX_STREAMS_PER_PEER = 64;

/** Requests being answered on one stream at a time; more wait in the sender's window. */
export const MAX_REQUESTS_PER_STREAM = 16;

/** How far two honest clocks may differ, in milliseconds. */
export const MAX_CLOCK_SKEW_MS = 5 * 60_000;

/** How long a request may be under way before it is no longer accepted, in milliseconds. */
export const ENVELOPE_LIFETIME_MS = 60_000;

/** Nonces remembered per peer: a request every 20 ms for as long as one can be replayed (lifetime + twice the skew). */
export const MAX_NONCES_PER_PEER = 33_000;

/** Objects in one page of a list; a page also ends at half of {@link MAX_BODY_BYTES}. */
export const MAX_LIST_PAGE = 500;
