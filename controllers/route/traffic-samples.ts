import type { Clock } from '../ports/clock.ts';
import type { Router, Traffic } from '../ports/router.ts';

/** A status that follows every request would wake everybody who watches it, with every request; in milliseconds. */
const SAMPLE_EVERY_MS = 60_000;

interface Sample {
  traffic: Traffic;
  /** In milliseconds since the epoch. */
  takenAt: number;
}

/** What statuses say of traffic: the same for a minute, however often they are written. */
export class TrafficSamples {
  readonly #router: Pick<Router, 'traffic'>;
  readonly #clock: Clock;
  readonly #samples = new Map<string, Sample>();

  constructor({ router, clock }: { router: Pick<Router, 'traffic'>; clock: Clock }) {
    this.#router = router;
    this.#clock = clock;
  }

  of(host: string): Traffic {
    const now = this.#clock.now();
    const known = this.#samples.get(host);
    if (known && now < known.takenAt + SAMPLE_EVERY_MS) return known.traffic;
    const traffic = this.#router.traffic(host);
    this.#samples.set(host, { traffic, takenAt: now });
    return traffic;
  }

  /** Forgets all other hosts. */
  keep(hosts: ReadonlySet<string>): void {
    for (const host of this.#samples.keys()) if (!hosts.has(host)) this.#samples.delete(host);
  }
}
