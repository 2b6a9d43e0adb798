import type { Clock } from '../../../../controllers/ports/clock.ts';
import type { Exchange } from './exchange.ts';
import type { Forwarding } from './forwarded.ts';
import type { TimeLimits } from './limits.ts';
import type { Counters } from './observer.ts';
import type { ResponsePolicy } from './response-rewrite.ts';
import type { Route } from './upstream.ts';
import type { UpstreamSlot } from './upstream-slot.ts';
import type { Wire } from './wire.ts';

/** Stands between the client and the container, for one exchange. Each call tells it what one of them did. */
export interface Relay {
  readonly exchange: Exchange;
  /** How long the next step may take, in milliseconds. */
  readonly limit: number;
  /** The client sent bytes behind its request's head. Answers how many of them it takes; 0 while it can take none. */
  feed(bytes: Buffer): number;
  /** The client sent no more for now. */
  flush(): void;
  /** The client closed its sending half. */
  ended(): void;
  /** The client is gone; `clean` when it closed, rather than broke. Answers what was wrong with that, for the log. */
  left(clean: boolean): string | undefined;
  /** The container sent bytes. */
  read(bytes: Buffer): void;
  /** The container closed its sending half (`clean`), or its connection is gone. */
  gone(clean: boolean): void;
  /** The time that `limit` gave is over. */
  expired(): void;
}

/** How an exchange goes on. */
export interface RelayEvents {
  /** Its request may be read on. */
  ready(): void;
  /** It is over. */
  concluded(reason?: string): void;
  /** From now on, bytes pass as they come. */
  upgraded(): void;
  /** The client cannot have the rest of its response. */
  broken(reason: string): void;
}

export interface RelayComponents {
  client: Wire;
  upstreams: UpstreamSlot;
  clock: Clock;
  route: Route;
  counters: Counters;
  forwarding: Forwarding;
}

export interface RelayInit {
  policy: ResponsePolicy;
  limits: TimeLimits;
  /** Bytes of a request's body, on the wire. */
  maxBodyBytes: number;
}
