import type { Duplex } from 'node:stream';

/** Why a stream was refused or broken off; it crosses the wire as one byte. */
export type ResetReason =
  /** Whoever used it lost interest: a browser went away. */
  | 'Cancelled'
  /** What the header asks for is not offered here. */
  | 'NoRoute'
  /** It is offered, but cannot serve yet, or no longer. */
  | 'NotReady'
  /** It did not accept the connection. */
  | 'ConnectFailed'
  | 'TooManyStreams'
  | 'InternalError';

export type TunnelErrorReason =
  | ResetReason
  /** The connection under the streams broke: bytes may be missing. */
  | 'TunnelLost'
  /** The other side broke the rules of the wire, or a limit. */
  | 'ProtocolError';

/** How a stream or a tunnel fails. */
export class TunnelError extends Error {
  readonly reason: TunnelErrorReason;

  constructor(reason: TunnelErrorReason, message: string) {
    super(message);
    this.name = 'TunnelError';
    this.reason = reason;
  }
}

/**
 * A connection within a tunnel: a Duplex of Node, on which HTTP/1, HTTP/2 and plain pipes run. Both halves
 * close on their own. `end` is seen only where the other side ended its half; whatever breaks is an `error`,
 * a TunnelError. One that nobody listens for ends this stream and nothing else.
 */
export interface TunnelStream extends Duplex {
  /** Ends both halves at once; the other side fails with `Cancelled`, or with the reason of a TunnelError. */
  destroy(error?: Error): this;
}

/** Either end of a tunnel: many streams over one connection between two peers that have proven who they are. */
export interface TunnelEnd {
  readonly peerID: string;
  /** How long a byte takes there and back, queues included, in milliseconds; 0 until measured. */
  readonly roundTripMs: number;
  /** Streams that are open. */
  readonly streams: number;
  /** Resolves with why, once it is over and all its streams have failed; undefined after our own `close`. */
  readonly closed: Promise<TunnelError | undefined>;
  /** Ends the connection; streams still open fail. */
  close(): void;
}

/** The end that opens streams: the gateway's. */
export interface Tunnel extends TunnelEnd {
  /**
   * Opens a stream; `header` says what to. It can be written to at once: a little is sent before the answer,
   * the rest waits. It emits `connect` when it was accepted, `error` when it was refused.
   */
  open(header: Uint8Array): TunnelStream;
}

/** A stream that waits for an answer: the provider's end. */
export interface IncomingStream {
  /** What it is to be connected to: bytes of another machine. */
  readonly header: Uint8Array;
  accept(): TunnelStream;
  refuse(reason: ResetReason): void;
}

/** Answers a stream, now or later. One that throws or rejects refuses it as `InternalError`. */
export type StreamHandler = (stream: IncomingStream) => void | Promise<void>;
