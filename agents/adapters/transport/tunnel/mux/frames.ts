import type { ResetReason } from '../tunnel.ts';

/** A frame: type (u8), length of what follows the header (u24), stream (u32), all big-endian; then the payload. */
export const HEADER_BYTES = 8;

/** Not an enum: the code runs as it is written. */
export const FrameType = {
  /** Opener: a new stream; the payload is its header. IDs only grow. */
  open: 1,
  /** Answerer: it takes the stream. Nothing but `reset` may come before. */
  accept: 2,
  data: 3,
  /** So many bytes more may be sent (u32). */
  credit: 4,
  /** Nothing more will be sent on this stream: a FIN. */
  end: 5,
  /** Both halves are over; the payload is the reason (u8). */
  reset: 6,
  /** To be answered after all that came before it; the payload is a number (u32). */
  ping: 7,
  /** The number of a ping, and when that came, in milliseconds modulo 2^32 (u32); answers earlier pings too. */
  pong: 8,
} as const;

export type FrameType = (typeof FrameType)[keyof typeof FrameType];

/** A data frame fills one TLS record, and takes 1.3 ms of a link of 100 Mbit/s. */
export const MAX_DATA_BYTES = 16 * 1024 - HEADER_BYTES;

/** A name, a route and where a client came from: some hundred bytes. */
export const MAX_OPEN_BYTES = 4 * 1024;

/** What either side may send on a new stream before it was given credit: an HTTP head, a TLS hello. */
export const EARLY_BYTES = 16 * 1024;

/** More credit than this at a time is an attack on our arithmetic. */
export const MAX_CREDIT = 2 ** 31 - 1;

/** Least and most bytes of a payload, by frame type. An empty data frame would say nothing, for free. */
export const PAYLOAD_BYTES: readonly (readonly [least: number, most: number] | undefined)[] = [
  undefined,
  [0, MAX_OPEN_BYTES],
  [0, 0],
  [1, MAX_DATA_BYTES],
  [4, 4],
  [0, 0],
  [1, 1],
  [4, 4],
  [8, 8],
];

/** By their byte on the wire: add, never reorder. */
const RESET_REASONS: readonly ResetReason[] = [
  'Cancelled',
  'NoRoute',
  'NotReady',
  'ConnectFailed',
  'TooManyStreams',
  'InternalError',
];

/** Reasons that a newer version may add are failures like any other. */
export function resetReason(code: number): ResetReason {
  return RESET_REASONS[code] ?? 'InternalError';
}

/** @param reason One that does not cross the wire becomes `InternalError`. */
export function resetCode(reason: string): number {
  const code = (RESET_REASONS as readonly string[]).indexOf(reason);
  return code < 0 ? RESET_REASONS.indexOf('InternalError') : code;
}
