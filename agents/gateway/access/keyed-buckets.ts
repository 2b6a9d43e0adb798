import type { Clock } from '../../../controllers/ports/clock.ts';
import { TokenBucket } from '../../adapters/transport/tunnel/mux/token-bucket.ts';

/** More than come within the time that a bucket takes to fill; beyond, those not seen for longest begin anew. */
const MAX_KEYS = 10_000;

/** A {@link TokenBucket} for each of many, such as the addresses of visitors. */
export class KeyedBuckets {
  readonly #components: { clock: Clock };
  readonly #init: { perSecond: number; burst: number };
  /** Those seen last are last. */
  readonly #buckets = new Map<string, TokenBucket>();

  constructor(components: { clock: Clock }, init: { perSecond: number; burst: number }) {
    this.#components = components;
    this.#init = init;
  }

  /** False: that was one too many. */
  take(key: string): boolean {
    return this.#of(key).take();
  }

  isEmpty(key: string): boolean {
    return this.#buckets.get(key)?.isEmpty ?? false;
  }

  #of(key: string): TokenBucket {
    const bucket = this.#buckets.get(key) ?? new TokenBucket(this.#components, this.#init);
    this.#buckets.delete(key);
    this.#buckets.set(key, bucket);
    const [oldest] = this.#buckets.keys();
    if (this.#buckets.size > MAX_KEYS && oldest !== undefined) this.#buckets.delete(oldest);
    return bucket;
  }
}
