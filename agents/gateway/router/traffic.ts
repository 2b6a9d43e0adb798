import type { Traffic } from '../../../controllers/ports/router.ts';

const NONE: Traffic = { requests: 0, errors: 0 };

/** Counts the requests of each host name that is served, and nothing for any other: visitors may ask for what they like. */
export class TrafficCounts {
  readonly #counts = new Map<string, Traffic>();

  /** Counts for these, and forgets all others. */
  keep(hosts: ReadonlySet<string>): void {
    for (const host of this.#counts.keys()) if (!hosts.has(host)) this.#counts.delete(host);
    for (const host of hosts) if (!this.#counts.has(host)) this.#counts.set(host, { ...NONE });
  }

  /** A request is over; `failed` as the Router port says of errors. */
  count(host: string, failed: boolean): void {
    this.add(host, { requests: 1, errors: failed ? 1 : 0 });
  }

  /** So much more has gone through. */
  add(host: string, { requests, errors }: Traffic): void {
    const traffic = this.#counts.get(host);
    if (!traffic) return;
    traffic.requests += requests;
    traffic.errors += errors;
  }

  of(host: string): Traffic {
    return { ...(this.#counts.get(host) ?? NONE) };
  }
}
