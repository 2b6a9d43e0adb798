import type { Logger } from '../../../controllers/ports/logger.ts';
import { type Credential, type Pair, toCredential } from './credential.ts';
import { type Lifetime, type RenewalWindow, renewalTime } from './schedule.ts';
import type { ServedSet } from './served-set.ts';
import type { Vault } from './vault.ts';
import { messageOf } from './wording.ts';

interface KeptCertificate extends Pair {
  id: string;
  /** Where between the earliest and the latest time it is renewed. */
  fraction: number;
}

/** The kind of these records. */
const KIND = 'certificate';

/** Certificates that survive a restart: kept in a vault, and served. */
export class KeptCertificates {
  readonly #vault: Vault;
  readonly #served: ServedSet;
  readonly #logger: Logger;
  readonly #fractions = new Map<string, number>();

  constructor({ vault, served, logger }: { vault: Vault; served: ServedSet; logger: Logger }) {
    this.#vault = vault;
    this.#served = served;
    this.#logger = logger;
  }

  /** Serves those that are stored and that `isFit` lets pass; the others are removed. */
  async load(isFit: (credential: Credential) => boolean): Promise<void> {
    for (const record of await this.#vault.list(KIND, decode)) {
      const credential = this.#toCredential(record);
      if (credential && isFit(credential)) this.#serve(record.id, credential, record.fraction);
      else this.#vault.remove(KIND, record.id);
    }
  }

  /** Serves a new one under `id` at once, in place of the one before; resolves when it would survive a power loss. */
  async keep(id: string, pair: Pair): Promise<void> {
    const fraction = Math.random();
    this.#serve(id, toCredential(pair), fraction);
    await this.#vault.write(KIND, id, { id, fraction, ...pair } satisfies KeptCertificate);
  }

  /** When to renew what is kept under `id`, in milliseconds since the epoch; 0 where there is nothing. */
  renewalTime(id: string, window?: RenewalWindow): number {
    const lifetime: Lifetime | undefined = this.#served.get(id);
    return lifetime ? renewalTime(lifetime, this.#fractions.get(id) ?? 0, window) : 0;
  }

  #serve(id: string, credential: Credential, fraction: number): void {
    this.#fractions.set(id, fraction);
    this.#served.put(id, credential);
  }

  #toCredential(record: KeptCertificate): Credential | undefined {
    try {
      return toCredential(record);
    } catch (error) {
      this.#logger.warn('Stored certificate was dropped', { name: record.id, error: messageOf(error) });
      return undefined;
    }
  }
}

function decode(value: unknown): KeptCertificate | undefined {
  const { id, fraction, chain, key } = (value ?? {}) as Partial<Record<keyof KeptCertificate, unknown>>;
  return typeof id === 'string' &&
    typeof fraction === 'number' &&
    typeof chain === 'string' &&
    typeof key === 'string'
    ? { id, fraction, chain, key }
    : undefined;
}
