import type { Clock } from '../../../controllers/ports/clock.ts';
import { addressKey } from './address-key.ts';
import { KeyedBuckets } from './keyed-buckets.ts';

/** What one visitor may take, so that something is left for the others. Undefined: as much as he likes. */
export interface VisitorLimitsInit {
  /** Requests a second from one address. */
  ratePerAddress?: number | undefined;
  /** Requests a second for one host name. */
  ratePerHost?: number | undefined;
  /** Connections at a time from one address. */
  connectionsPerAddress?: number | undefined;
}

/** A page with all that belongs to it comes at once: this many times the rate. */
const BURST = 3;

export class VisitorLimits {
  readonly #connections = new Map<string, number>();
  readonly #maxConnections: number;
  readonly #addresses: KeyedBuckets | undefined;
  readonly #hosts: KeyedBuckets | undefined;

  constructor(components: { clock: Clock }, init: VisitorLimitsInit) {
    this.#maxConnections = init.connectionsPerAddress ?? Number.POSITIVE_INFINITY;
    this.#addresses = buckets(components, init.ratePerAddress);
    this.#hosts = buckets(components, init.ratePerHost);
  }

  /** Whether one more request may come. */
  takesRequest(address: string, host: string): boolean {
    if (this.#addresses && !this.#addresses.take(addressKey(address))) return false;
    return this.#hosts?.take(host) ?? true;
  }

  /** Counts a connection; false where it is one too many. Each that is counted needs a {@link left}. */
  entered(address: string): boolean {
    const key = addressKey(address);
    const count = this.#connections.get(key) ?? 0;
    if (count >= this.#maxConnections) return false;
    this.#connections.set(key, count + 1);
    return true;
  }

  left(address: string): void {
    const key = addressKey(address);
    const others = (this.#connections.get(key) ?? 1) - 1;
    if (others > 0) this.#connections.set(key, others);
    else this.#connections.delete(key);
  }
}

function buckets(components: { clock: Clock }, perSecond: number | undefined): KeyedBuckets | undefined {
  return perSecond === undefined
    ? undefined
    : new KeyedBuckets(components, { perSecond, burst: BURST * perSecond });
}
