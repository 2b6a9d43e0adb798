import type { Duplex } from 'node:stream';
import type { Expose } from '../../../../api/v1alpha1/expose.ts';
import type { RequestHead } from './request-head.ts';

/** Where requests go. Decided by the gateway alone: no address ever comes from a request. */
export interface Upstream {
  /** Requests of one client connection share an upstream connection as long as they have the same key. */
  readonly key: string;
  /** For the access log. */
  readonly name: string;
  /** What its connections speak. Default: HTTP. */
  readonly protocol?: Expose['protocol'];
  /** What the client is to show next time: value of a Set-Cookie header. */
  readonly setCookie?: string | undefined;
  /**
   * Opens a connection of its own to the container; a stream with `allowHalfOpen`. Rejects when there is none to be
   * had: the client is told so with 502, or as the error's `refusal` says. After the signal has aborted nobody waits
   * for it.
   */
  open(signal: AbortSignal): Promise<Duplex>;
}

/** Why a request goes nowhere. */
export interface Refusal {
  status: number;
  /** One sentence, shown to the client: names nothing internal. */
  reason: string;
  /** For 503 and 429: when it is worth coming back. */
  retryAfterSeconds?: number;
  /** Further header lines: `WWW-Authenticate`, `Location`. Must not come from the request unchecked. */
  headers?: Readonly<Record<string, string>>;
}

/** An error that knows what to tell the client. */
export interface RefusingError extends Error {
  refusal?: Refusal;
}

/**
 * Answers where a request goes, for every request. `current` is where the one before it went, so that clients stay
 * where they are among replicas. An answer at once costs less than a promise. Must not keep the head.
 */
export type Route = (
  head: RequestHead,
  current: Upstream | undefined,
) => Upstream | Refusal | Promise<Upstream | Refusal>;
