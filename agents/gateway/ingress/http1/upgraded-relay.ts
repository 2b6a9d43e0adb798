import type { Exchange } from './exchange.ts';
import type { Relay, RelayComponents, RelayEvents, RelayInit } from './relay.ts';

/** Passes bytes both ways as they come, after a 101: each half closes on its own. */
export class UpgradedRelay implements Relay {
  readonly exchange: Exchange;
  readonly #components: RelayComponents;
  readonly #init: RelayInit;
  readonly #events: RelayEvents;
  #containerEnded = false;

  constructor(exchange: Exchange, components: RelayComponents, init: RelayInit, events: RelayEvents) {
    exchange.closeAfter = true;
    this.exchange = exchange;
    this.#components = components;
    this.#init = init;
    this.#events = events;
  }

  get limit(): number {
    return this.#init.limits.upgraded;
  }

  feed(bytes: Buffer): number {
    this.exchange.bytesIn += bytes.length;
    this.#components.upstreams.current?.wire.write(bytes);
    return bytes.length;
  }

  flush(): void {
    // Nothing is kept back here.
  }

  ended(): void {
    this.#components.upstreams.current?.wire.end();
  }

  left(clean: boolean): string | undefined {
    const { upstreams, clock } = this.#components;
    // The container still gets what is on its way to it.
    if (clean) upstreams.finish((expired) => clock.after(this.#init.limits.linger, expired));
    else upstreams.drop();
    return clean ? undefined : 'the client left';
  }

  read(bytes: Buffer): void {
    this.exchange.bytesOut += bytes.length;
    this.#components.client.write(bytes);
  }

  gone(clean: boolean): void {
    if (clean) this.#components.client.end();
    else if (this.#containerEnded) this.#events.concluded();
    else this.#events.broken('the connection to the container broke');
    this.#containerEnded = true;
  }

  expired(): void {
    this.#events.broken('nothing came for too long');
  }
}
