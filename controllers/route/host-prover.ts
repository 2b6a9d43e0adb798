import { formatKey, keyOf, type ObjectKey } from '../../api/meta/object.ts';
import type { Route } from '../../api/v1alpha1/types.ts';
import { type Backoff, backoffMs } from '../core/rate-limiter.ts';
import type { Clock } from '../ports/clock.ts';
import type { HostProofs } from '../ports/host-proofs.ts';
import type { Store } from '../ports/store.ts';
import { isWithin } from './host.ts';

export interface HostProverComponents {
  store: Store;
  clock: Clock;
  hostProofs: HostProofs;
}

/** Somebody is just making the record, or nobody ever will. */
const LOOK_AGAIN: Backoff = { baseMs: 30_000, capMs: 600_000 };

/** A proof that is missing. */
interface Missing {
  /** Of the Route: another one is looked at at once. */
  generation: number;
  looks: number;
  message: string;
  /** When it is looked for again, in milliseconds since the epoch. */
  due: number;
}

/**
 * Has host names that are not the gateway's own proven before they are reserved. What is reserved was proven once, or
 * is the word of the gateway's owner: it stays whatever the DNS says later (docs/decisions/0040).
 */
export class HostProver {
  readonly #components: HostProverComponents;
  readonly #domain: string;
  readonly #missing = new Map<string, Missing>();

  constructor(components: HostProverComponents, { domain }: { domain: string }) {
    this.#components = components;
    this.#domain = domain;
  }

  /** Undefined when the Route may claim this host; otherwise why not, and when to ask again. */
  async check(
    route: Route,
    host: string,
    signal: AbortSignal,
  ): Promise<{ message: string; requeueAfterMs: number } | undefined> {
    const missing = (await this.#needsNone(host)) ? undefined : await this.#look(route, host, signal);
    if (!missing) {
      this.forget(keyOf(route));
      return undefined;
    }
    this.#missing.set(formatKey(keyOf(route)), missing);
    const message = `${missing.message}; the gateway looks again by itself`;
    return { message, requeueAfterMs: missing.due - this.#components.clock.now() };
  }

  /** The Route asks for nothing any more. */
  forget(key: ObjectKey): void {
    this.#missing.delete(formatKey(key));
  }

  async #needsNone(host: string): Promise<boolean> {
    const { store } = this.#components;
    return isWithin(this.#domain, host) || !!(await store.get({ kind: 'HostReservation', name: host }));
  }

  /** Not before its time, whatever else makes us look at the Route. */
  async #look(route: Route, host: string, signal: AbortSignal): Promise<Missing | undefined> {
    const { hostProofs, clock } = this.#components;
    const { generation } = route.metadata;
    const known = this.#missing.get(formatKey(keyOf(route)));
    const before = known?.generation === generation ? known : undefined;
    if (before && clock.now() < before.due) return before;
    const message = await hostProofs.verify(host, route.spec.owner, signal);
    if (message === undefined) return undefined;
    const looks = (before?.looks ?? 0) + 1;
    return { generation, looks, message, due: clock.now() + backoffMs(LOOK_AGAIN, looks) };
  }
}
