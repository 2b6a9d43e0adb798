import type { ConnectionComponents, ConnectionInit } from './connection-init.ts';
import { Deadline } from './deadline.ts';
import type { Exchange } from './exchange.ts';
import { ExchangeRelay } from './exchange-relay.ts';
import { Forwarding } from './forwarded.ts';
import { Inbox } from './inbox.ts';
import { Ledger } from './ledger.ts';
import { MAX_LINGER_BYTES } from './limits.ts';
import { type Rejection, rejection } from './rejection.ts';
import type { Relay, RelayComponents, RelayEvents } from './relay.ts';
import { RequestHeadReader } from './request-head.ts';
import { UpgradedRelay } from './upgraded-relay.ts';
import { UpstreamSlot } from './upstream-slot.ts';
import { Wire } from './wire.ts';

const HEAD_TIMEOUT = rejection(408, 'the request did not come in time');

/**
 * One client's connection: relays its requests in order, each as a whole before the next is looked at, over one
 * connection to the container that no other client shares.
 */
export class Connection {
  readonly #ledger: Ledger;
  readonly #init: ConnectionInit;
  readonly #client: Wire;
  readonly #upstreams: UpstreamSlot;
  readonly #shared: RelayComponents;
  readonly #events: RelayEvents = {
    ready: () => this.#progress(),
    concluded: (reason) => this.#concluded(reason),
    upgraded: () => this.#upgrade(),
    broken: (reason) => this.#break(reason),
  };
  readonly #requests = new RequestHeadReader();
  /** While it holds bytes, no more are read. */
  readonly #inbox = new Inbox((bytes) => this.#take(bytes));
  readonly #deadline: Deadline;
  readonly #closed = Promise.withResolvers<void>();
  #signal: AbortSignal | undefined;
  #relay: Relay | undefined;
  /** Whether it only waits for the client to close. */
  #closing = false;
  #draining = false;
  #lingered = 0;
  /** Why it was cut off. */
  #broken: string | undefined;

  constructor(components: ConnectionComponents, init: ConnectionInit) {
    this.#ledger = new Ledger(components);
    this.#init = init;
    this.#client = new Wire(components.client);
    this.#deadline = new Deadline(components.clock, () => this.#expired());
    this.#upstreams = new UpstreamSlot({
      read: (bytes) => this.#upstreamRead(bytes),
      drained: () => this.#progress(),
      ended: () => this.#upstreamGone(true),
      closed: () => this.#upstreamGone(false),
    });
    this.#shared = {
      ...components,
      client: this.#client,
      upstreams: this.#upstreams,
      forwarding: new Forwarding(init.remote),
    };
  }

  /** Resolves when the client's connection is closed. */
  get closed(): Promise<void> {
    return this.#closed.promise;
  }

  /** Relays until either side closes. The signal cuts everything off at once. */
  start(signal: AbortSignal): void {
    this.#signal = signal;
    this.#deadline.fix(this.#init.limits.head);
    signal.addEventListener('abort', this.#stop);
    this.#client.start({
      read: (bytes) => this.#read(bytes),
      drained: () => this.#progress(),
      ended: () => this.#progress(),
      closed: (error) => this.#end(error),
    });
    if (signal.aborted) this.#stop();
  }

  /** Closes behind the response under way; at once when there is none. Upgraded connections stay. */
  drain(): void {
    this.#draining = true;
    if (this.#relay) this.#relay.exchange.closeAfter = true;
    else if (!this.#requests.partial) this.#close();
  }

  readonly #stop = (): void => this.#break('the gateway stopped');

  #read(bytes: Buffer): void {
    this.#ledger.received(bytes);
    this.#inbox.put(bytes);
    this.#progress();
  }

  /** Something moved: works on what is there, and time begins anew. */
  #progress(): void {
    if (!this.#inbox.work()) return;
    this.#relay?.flush();
    if (this.#client.ended && this.#inbox.empty) this.#ended();
    this.#flow();
    this.#deadline.move(this.#limit());
  }

  /** The client has closed its sending half, and all that it sent is taken. */
  #ended(): void {
    if (this.#relay) this.#relay.ended();
    else this.#close();
  }

  /** Takes what the client sent, as far as it is its turn. */
  #take(bytes: Buffer): number {
    if (this.#closing) return this.#ignore(bytes);
    if (this.#relay) return this.#relay.feed(bytes);
    return this.#client.full ? 0 : this.#takeHead(bytes);
  }

  /** Reads on, so that the client gets to see its answer: the kernel resets connections whose bytes nobody read. */
  #ignore(bytes: Buffer): number {
    this.#lingered += bytes.length;
    if (this.#lingered > MAX_LINGER_BYTES) this.#client.destroy();
    return bytes.length;
  }

  #takeHead(bytes: Buffer): number {
    const head = this.#requests.read(bytes);
    if (!head) {
      if (!this.#deadline.fixed) this.#deadline.fix(this.#init.limits.head);
      return bytes.length;
    }
    this.#deadline.release();
    if (head.kind === 'head') this.#begin(this.#ledger.began(head));
    else this.#reject(head);
    return head.kind === 'head' ? head.consumed : bytes.length;
  }

  #begin(exchange: Exchange): void {
    exchange.closeAfter ||= this.#draining;
    const relay = new ExchangeRelay(exchange, this.#shared, this.#init, this.#events);
    this.#relay = relay;
    relay.start();
  }

  #reject(why: Rejection): void {
    this.#client.write(this.#ledger.rejected(why));
    this.#close();
  }

  #concluded(reason?: string): void {
    const { exchange } = this.#relay!;
    this.#relay = undefined;
    this.#ledger.settled(exchange, reason);
    if (exchange.closeAfter) this.#close();
    else this.#progress();
  }

  #upgrade(): void {
    this.#ledger.upgraded();
    this.#relay = new UpgradedRelay(this.#relay!.exchange, this.#shared, this.#init, this.#events);
    this.#progress();
  }

  #upstreamRead(bytes: Buffer): void {
    if (this.#relay) this.#relay.read(bytes);
    else this.#desynced();
    this.#flow();
    // A head that drips prolongs nothing.
    if (this.#relay?.exchange.status) this.#deadline.move(this.#limit());
  }

  /** Bytes of the container that no request asked for are never anybody's response. */
  #desynced(): void {
    this.#ledger.desynced();
    this.#close();
  }

  #upstreamGone(clean: boolean): void {
    if (this.#relay) this.#relay.gone(clean);
    else this.#upstreams.drop();
    this.#flow();
  }

  /** Ends the connection behind what is written. */
  #close(): void {
    if (this.#closing) return;
    this.#closing = true;
    this.#upstreams.drop();
    this.#client.end();
    this.#deadline.fix(this.#init.limits.linger);
    this.#flow();
  }

  /** Ends the connection at once: the client sees that its response was cut off. */
  #break(reason: string): void {
    this.#broken ??= reason;
    this.#client.destroy();
  }

  #end(error: Error | undefined): void {
    this.#closing = true;
    this.#deadline.cancel();
    this.#signal?.removeEventListener('abort', this.#stop);
    if (this.#relay) this.#abandon(this.#relay, error);
    else this.#upstreams.drop();
    this.#closed.resolve();
  }

  #abandon(relay: Relay, error: Error | undefined): void {
    const reason = relay.left(!error && this.#broken === undefined);
    this.#relay = undefined;
    this.#ledger.settled(relay.exchange, this.#broken ?? reason);
  }

  /** Reads on only as long as there is somewhere to put it. */
  #flow(): void {
    const upstream = this.#upstreams.current?.wire;
    this.#client.flow(this.#closing || (this.#inbox.empty && !upstream?.full));
    upstream?.flow(!this.#client.full);
  }

  #limit(): number {
    const { limits } = this.#init;
    if (this.#client.full) return limits.stalled;
    if (!this.#relay) return limits.idle;
    return this.#client.ended ? limits.halfClosed : this.#relay.limit;
  }

  #expired(): void {
    if (this.#closing) this.#client.destroy();
    else if (this.#relay || this.#requests.partial) this.#late();
    else this.#close();
  }

  #late(): void {
    this.#ledger.timedOut();
    if (!this.#relay) this.#reject(HEAD_TIMEOUT);
    else if (this.#client.full) this.#break('the client took nothing for too long');
    else this.#relay.expired();
  }
}
