import type { Duplex } from 'node:stream';
import { ResponseHeadReader } from './response-head.ts';
import type { RefusingError, Upstream } from './upstream.ts';
import { Wire, type WireEvents } from './wire.ts';

/** A connection to a container, which no other client ever uses. */
export interface UpstreamConnection {
  readonly upstream: Upstream;
  readonly wire: Wire;
  readonly heads: ResponseHeadReader;
  /** How many requests went over it. */
  requests: number;
}

/** What is told to who asked for a connection. */
export interface Opening {
  opened(connection: UpstreamConnection): void;
  failed(error: RefusingError): void;
}

/** The one upstream connection of a client connection: opened, used again, replaced. */
export class UpstreamSlot {
  readonly #events: WireEvents;
  #current: UpstreamConnection | undefined;
  #opening: AbortController | undefined;

  /** The events are those of the current connection; of one that was dropped there are none. */
  constructor(events: WireEvents) {
    this.#events = events;
  }

  get current(): UpstreamConnection | undefined {
    return this.#current;
  }

  /** Replaces the current connection. Who drops it before it is open is not told. */
  open(upstream: Upstream, { opened, failed }: Opening): void {
    this.drop();
    const opening = new AbortController();
    const { signal } = opening;
    this.#opening = opening;
    upstream.open(signal).then(
      (stream) => {
        if (signal.aborted) new Wire(stream).discard();
        else opened(this.#take(upstream, stream));
      },
      (error: RefusingError) => {
        if (!signal.aborted) failed(error);
      },
    );
  }

  /** Closes the current connection at once, or gives up opening one. */
  drop(): void {
    this.#letGo()?.discard();
  }

  /** Closes the current connection behind what is written, at the latest when `after` calls back. */
  finish(after: (expired: () => void) => () => void): void {
    const wire = this.#letGo();
    if (!wire) return;
    const cancel = after(() => wire.discard());
    wire.finish(cancel);
  }

  #take(upstream: Upstream, stream: Duplex): UpstreamConnection {
    this.#opening = undefined;
    const wire = new Wire(stream);
    this.#current = { upstream, wire, heads: new ResponseHeadReader(), requests: 0 };
    wire.start(this.#events);
    return this.#current;
  }

  #letGo(): Wire | undefined {
    this.#opening?.abort();
    this.#opening = undefined;
    const wire = this.#current?.wire;
    this.#current = undefined;
    return wire;
  }
}
