import type { Clock } from '../../../../controllers/ports/clock.ts';
import { Exchange } from './exchange.ts';
import type { AccessRecord, Counters } from './observer.ts';
import { page } from './page.ts';
import type { Rejection } from './rejection.ts';
import type { RequestHead } from './request-head.ts';
import { newRequestID } from './request-id.ts';

export interface LedgerComponents {
  clock: Clock;
  counters: Counters;
  /** Called once per request, when it is over. */
  log(record: AccessRecord): void;
  /** The same for a request that could be read, by its host name; `failed` as {@link Exchange} says. */
  count(hostname: string, failed: boolean): void;
}

/** Accounts for what happens on one connection. */
export class Ledger {
  readonly #components: LedgerComponents;

  constructor(components: LedgerComponents) {
    this.#components = components;
  }

  received(bytes: Buffer): void {
    this.#components.counters.bytesIn += bytes.length;
  }

  /** A request has come. */
  began(head: RequestHead): Exchange {
    const { clock, counters } = this.#components;
    counters.requests++;
    counters.active++;
    return new Exchange(head, clock.now());
  }

  upgraded(): void {
    this.#components.counters.upgrades++;
  }

  timedOut(): void {
    this.#components.counters.timeouts++;
  }

  desynced(): void {
    this.#components.counters.desyncs++;
  }

  /** An exchange is over. */
  settled(exchange: Exchange, reason?: string): void {
    const { clock, counters, log, count } = this.#components;
    counters.active--;
    counters.bytesOut += exchange.bytesOut;
    count(exchange.head.hostname, exchange.failed);
    log(exchange.record(clock.now(), reason));
  }

  /** What was sent is no request. Answers the response to it. */
  rejected({ status, reason }: Rejection): Buffer {
    const { clock, counters, log } = this.#components;
    counters.rejected++;
    const requestID = newRequestID();
    const refusal = { status, reason };
    const now = clock.now();
    const bytes = page({ refusal, requestID, accept: undefined, headOnly: false, close: true, now });
    const unknown = { method: '', host: '', path: '', bytesIn: 0, milliseconds: 0 };
    log({ ...unknown, status, reason, requestID, bytesOut: bytes.length });
    return bytes;
  }
}
