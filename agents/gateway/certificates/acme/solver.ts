import { createHash } from 'node:crypto';
import { sleep } from '../../../../controllers/core/abort.ts';
import type { Clock } from '../../../../controllers/ports/clock.ts';
import type { Logger } from '../../../../controllers/ports/logger.ts';
import type { ServedSet } from '../served-set.ts';
import { messageOf } from '../wording.ts';
import type { DnsRecords, TxtRecord } from './dns/dns-records.ts';
import { PROOF_TYPES, type Proof } from './proof.ts';
import { keyAuthorization, type Signer } from './protocol/jws.ts';
import type { Authorization } from './protocol/resources.ts';

export interface SolverComponents {
  clock: Clock;
  logger: Logger;
  served: ServedSet;
  /** For a wildcard, which has no other way. */
  dns?: DnsRecords | undefined;
}

export interface SolverInit {
  /** How long a record takes from the primary DNS server to the others, in milliseconds. */
  propagationMs: number;
}

/** A record that is left behind does no harm, but the next person wonders. */
const CLEANUP_MS = 30_000;

/** Answers the challenges of a CA. */
export class Solver {
  readonly #components: SolverComponents;
  readonly #init: SolverInit;

  constructor(components: SolverComponents, init: SolverInit) {
    this.#components = components;
    this.#init = init;
  }

  /**
   * How a host will be proven.
   * @param attempt chooses among the ways that there are: the port of one may be closed.
   */
  choose(
    { challenges, host }: Authorization,
    { privateKey }: Signer,
    { byDns, attempt }: { byDns: boolean; attempt: number },
  ): Proof {
    const types = PROOF_TYPES.filter((type) => (type === 'dns-01') === byDns);
    const offers = types.flatMap((type) =>
      challenges
        .filter((challenge) => challenge.type === type)
        .map(({ url, token }) => ({ type, url, token })),
    );
    const offer = offers[attempt % Math.max(1, offers.length)];
    if (!offer) throw new Error(`the CA does not offer ${types.join(' or ')} for ${host}`);
    return { ...offer, host, keyAuthorization: keyAuthorization(offer.token, privateKey) };
  }

  /** Resolves when the CA may look. Proofs that are there already stay. */
  async present(proofs: readonly Proof[], signal: AbortSignal): Promise<void> {
    const { clock, dns } = this.#components;
    await this.answer(proofs);
    const records = recordsOf(proofs);
    for (const record of records) {
      if (!dns) throw new Error(`${record.fqdn} cannot be written: --acme-dns is not given`);
      await dns.present(record, signal);
    }
    if (records.length > 0) await sleep(clock, this.#init.propagationMs, signal);
    signal.throwIfAborted();
  }

  /** Makes those that need nobody else. */
  async answer(proofs: readonly Proof[]): Promise<void> {
    for (const { type, ...challenge } of proofs)
      if (type !== 'dns-01') await this.#components.served.answer({ type, ...challenge });
  }

  /** Never rejects. */
  async withdraw(proofs: readonly Proof[]): Promise<void> {
    for (const { type, ...challenge } of proofs)
      if (type !== 'dns-01') this.#components.served.withdraw({ type, ...challenge });
    for (const record of recordsOf(proofs)) await this.#cleanUp(record);
  }

  /** However the rest ends, also when we are told to stop. */
  async #cleanUp(record: TxtRecord): Promise<void> {
    const { dns, clock, logger } = this.#components;
    const limit = new AbortController();
    const cancel = clock.after(CLEANUP_MS, () => limit.abort(new Error('it took too long')));
    try {
      await dns?.cleanup(record, limit.signal);
    } catch (error) {
      logger.warn('DNS record was left behind', { fqdn: record.fqdn, error: messageOf(error) });
    } finally {
      cancel();
    }
  }
}

/** RFC 8555, 8.4. */
function recordsOf(proofs: readonly Proof[]): TxtRecord[] {
  return proofs
    .filter(({ type }) => type === 'dns-01')
    .map(({ host, keyAuthorization }) => ({
      fqdn: `_acme-challenge.${host}`,
      value: createHash('sha256').update(keyAuthorization).digest('base64url'),
    }));
}
