import type { Kind } from '../kinds.ts';

/** Limits of the wire. A peer that exceeds one loses its stream; each number has its reason. */

const KiB = 1024;
const MiB = 1024 * KiB;

/** A whole spec: 512 env vars of 1 KiB and some arguments; Kubernetes' own limit for an object is 1.5 MiB. */
export const MAX_BODY_BYTES = MiB;

/** An answer carries a whole spec and its status, which for 1,000 replicas is about as large again. */
export const MAX_RESPONSE_BODY_BYTES = 2 * MAX_BODY_BYTES;

/** Claims and signature: about 700 bytes; names and hashes are bounded, so nothing honest is larger. */
export const MAX_ENVELOPE_BYTES = 4 * KiB;

/** Deep enough for any manifest; JSON nested further is an attack on a recursive function's stack. */
export const MAX_JSON_DEPTH = 64;

/** Members and items of a request's body: 512 env vars and some annotations need 3,000; checking each costs time. */
export const MAX_REQUEST_ITEMS = 10_000;

/** Members and items of any other JSON: 2 MiB of statuses, where the shortest member takes ten bytes. */
export const MAX_JSON_ITEMS = 200_000;

/** A log line, in UTF-16 code units: Docker itself cuts at 16 KiB. */
export const MAX_LOG_LINE_LENGTH = 16 * KiB;

/** A batch of log lines, or one line whose every character JSON writes as six: 6 x 16 KiB and its other members. */
export const MAX_LOG_FRAME_BYTES = 128 * KiB;

/** Once a frame has begun, the rest must follow within this time, in milliseconds. */
export const FRAME_TIMEOUT_MS = 15_000;

/** A frame that the other side does not take within this time costs it its stream, in milliseconds. */
export const WRITE_TIMEOUT_MS = 30_000;

/** A stream whose first request has not arrived by then is closed, in milliseconds. */
export const FIRST_REQUEST_TIMEOUT_MS = 15_000;

/** How long an answer may take before the caller gives up, in milliseconds. */
export const RESPONSE_TIMEOUT_MS = 30_000;

/** A watch that is silent sends a bookmark this often, in milliseconds, so that a dead peer is noticed. */
export const WATCH_HEARTBEAT_MS = 10_000;

/** Three heartbeats missed: the watch is dead. */
export const WATCH_TIMEOUT_MS = 3 * WATCH_HEARTBEAT_MS;

/** How long a broken log stream is tried again before the reader is told, in milliseconds: a laptop that changes networks. */
export const LOG_RESUME_TIMEOUT_MS = 5 * 60_000;

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

/** Objects, and their bytes as JSON. */
export interface Amount {
  objects: number;
  bytes: number;
}

/**
 * What one peer may show us of a kind: in all pages of a list, and held of lists and watches together.
 * Deployments are ours: a thousand times what a grant allows by default, of 6 KiB each. Of Events an agent
 * keeps 1,000 and perhaps as many that are about to go; their texts add up to 6 KiB at most. Of its
 * TrustedPeers a peer shows the one that is about us: 256 patterns of images of 512 bytes, granted and in force.
 * Routes are as many as the Deployments of a provider; who else holds a host name is nobody's business.
 */
export const MAX_SHOWN: Record<Kind, Amount> = {
  Deployment: { objects: 10_000, bytes: 64 * MiB },
  Event: { objects: 2_000, bytes: 12 * MiB },
  TrustedPeer: { objects: 16, bytes: MiB },
  Route: { objects: 10_000, bytes: 64 * MiB },
  HostReservation: { objects: 0, bytes: 0 },
};

/** How long all pages of a list may take, in milliseconds: 64 MiB at 1 Mbit/s are 9 minutes. */
export const LIST_TIMEOUT_MS = 10 * 60_000;

/**
 * Events taken of one watch in a second, the rest waits on the wire: an agent writes 20 Events a second and
 * drops as many; what is left are 160 statuses. Each costs us a write of our own, which takes 2 ms.
 */
export const MAX_EVENTS_PER_SECOND = 200;

/** Containers in one stream of logs: all replicas that a Deployment can have. */
export const MAX_LOG_CONTAINERS = 1_000;
