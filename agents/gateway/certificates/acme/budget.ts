import type { Clock } from '../../../../controllers/ports/clock.ts';
import type { Vault } from '../vault.ts';
import { registeredDomain, type Subject } from './subject.ts';

/** So many within any stretch of so long. */
interface Limit {
  count: number;
  withinMs: number;
}

const HOUR_MS = 3_600_000;
const WEEK_MS = 7 * 24 * HOUR_MS;

/**
 * A fifth below what Let's Encrypt allows (https://letsencrypt.org/docs/rate-limits/): its clock is not ours, and others
 * may use the same domain. Beyond its limits it refuses, for up to a week.
 */
const LIMITS = {
  /** 50 new certificates for a registered domain in a week. Renewals are not among them. */
  domain: { count: 40, withinMs: WEEK_MS },
  /** 5 certificates for the same names in a week. */
  names: { count: 4, withinMs: WEEK_MS },
  /** 300 orders of an account in three hours. */
  orders: { count: 240, withinMs: 3 * HOUR_MS },
  /** 5 failed validations of a host in an hour. */
  failures: { count: 4, withinMs: HOUR_MS },
} satisfies Record<string, Limit>;

interface Certificate {
  /** Milliseconds since the epoch, as everywhere here. */
  at: number;
  id: string;
  domain: string;
  renewal: boolean;
}

interface Ledger {
  /** Those that were obtained, and those under way. */
  certificates: Certificate[];
  orders: number[];
  failures: { at: number; host: string }[];
}

/** Why an order must wait, and until when. */
export interface Refusal {
  until: number;
  why: string;
}

const KIND = 'budget';
const NAME = 'spent';

/** How much of the CA's patience is left. It survives restarts: the CA's memory does, too. */
export class Budget {
  readonly #clock: Clock;
  readonly #vault: Vault;
  #ledger: Ledger = { certificates: [], orders: [], failures: [] };

  constructor({ clock, vault }: { clock: Clock; vault: Vault }) {
    this.#clock = clock;
    this.#vault = vault;
  }

  async load(): Promise<void> {
    this.#ledger = (await this.#vault.read(KIND, NAME, decode)) ?? this.#ledger;
  }

  /** Undefined when an order may be placed now. */
  refusal({ id, names }: Subject, renewal: boolean): Refusal | undefined {
    const { certificates, orders, failures } = this.#ledger;
    const domain = registeredDomain(id);
    const ofDomain = certificates.filter((one) => one.domain === domain && !one.renewal);
    const ofNames = certificates.filter((one) => one.id === id);
    const ofHosts = names.map((name) => failures.filter(({ host }) => host === hostOf(name)));
    const refusals = [
      ...(renewal
        ? []
        : [this.#over(LIMITS.domain, timesOf(ofDomain), `certificates for ${domain} in a week`)]),
      this.#over(LIMITS.names, timesOf(ofNames), `certificates for ${names.join(' and ')} in a week`),
      this.#over(LIMITS.orders, orders, 'orders in three hours'),
      ...ofHosts.map((failed) =>
        this.#over(LIMITS.failures, timesOf(failed), 'failed validations in an hour'),
      ),
    ].filter((refusal) => refusal !== undefined);
    return refusals.sort((a, b) => b.until - a.until)[0];
  }

  /** An order is about to be placed. Resolves once that will not be forgotten. */
  async reserve({ id }: Subject, renewal: boolean): Promise<void> {
    const at = this.#clock.now();
    this.#ledger.certificates.push({ at, id, domain: registeredDomain(id), renewal });
    this.#ledger.orders.push(at);
    await this.#write();
  }

  /** The last order came to nothing: no certificate was spent. */
  async release({ id }: Subject): Promise<void> {
    const { certificates } = this.#ledger;
    const last = certificates.findLastIndex((one) => one.id === id);
    if (last >= 0) certificates.splice(last, 1);
    await this.#write();
  }

  /** The CA could not convince itself of a host. */
  async failed(host: string): Promise<void> {
    this.#ledger.failures.push({ at: this.#clock.now(), host });
    await this.#write();
  }

  #over({ count, withinMs }: Limit, times: readonly number[], what: string): Refusal | undefined {
    const from = this.#clock.now() - withinMs;
    const recent = times.filter((at) => at > from).sort((a, b) => a - b);
    const oldest = recent.at(-count);
    return oldest === undefined
      ? undefined
      : { until: oldest + withinMs, why: `there were ${recent.length} ${what}` };
  }

  async #write(): Promise<void> {
    const { certificates, orders, failures } = this.#ledger;
    const now = this.#clock.now();
    this.#ledger = {
      certificates: certificates.filter(({ at }) => at > now - WEEK_MS),
      orders: orders.filter((at) => at > now - LIMITS.orders.withinMs),
      failures: failures.filter(({ at }) => at > now - LIMITS.failures.withinMs),
    };
    await this.#vault.write(KIND, NAME, this.#ledger);
  }
}

/** A wildcard is validated by the domain that it is below. */
function hostOf(name: string): string {
  return name.replace(/^\*\./, '');
}

function timesOf(entries: readonly { at: number }[]): number[] {
  return entries.map(({ at }) => at);
}

/** Its checksum has shown that it is what we wrote; this only tells that we wrote it in this version. */
function decode(value: unknown): Ledger | undefined {
  const { certificates, orders, failures } = (value ?? {}) as Partial<Ledger>;
  const isWhole = [certificates, orders, failures].every(Array.isArray);
  return isWhole ? (value as Ledger) : undefined;
}
