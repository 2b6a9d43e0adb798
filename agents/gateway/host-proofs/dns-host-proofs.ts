import { Resolver } from 'node:dns/promises';
import { type ProofRecord, proofRecord } from '../../../api/protocol/host-proof.ts';
import { deadline, onAbort, unlessAborted } from '../../../controllers/core/abort.ts';
import type { Clock } from '../../../controllers/ports/clock.ts';
import type { HostProofs } from '../../../controllers/ports/host-proofs.ts';

export interface DnsHostProofsInit {
  /** Who is asked: addresses as {@link resolverAddress} takes them. Default: whom the system asks. */
  servers?: readonly string[];
}

/** Two servers that do not answer, asked twice each. */
const TIMEOUT_MS = 5_000;
const RESOLVER_OPTIONS = { timeout: 1_000, tries: 2 };

/** So long an answer counts, in milliseconds: replicas on several peers ask the same at once, who makes a record does not. */
const REMEMBER_MS = 1_000;

/** More than anybody asks within {@link REMEMBER_MS}. */
const MAX_REMEMBERED = 1_000;

/** What a resolver says when there is no such record. */
const ABSENT: readonly unknown[] = ['ENOTFOUND', 'ENODATA', 'EBADNAME'];

interface Remembered {
  /** In milliseconds since the epoch. */
  until: number;
  objection: string | undefined;
}

/** Looks TXT records up. Nothing of what they hold is kept or shown: whoever writes them is a stranger. */
export class DnsHostProofs implements HostProofs {
  readonly #clock: Clock;
  readonly #servers: readonly string[];
  readonly #remembered = new Map<string, Remembered>();

  constructor({ clock }: { clock: Clock }, { servers = [] }: DnsHostProofsInit = {}) {
    this.#clock = clock;
    this.#servers = servers;
  }

  async verify(host: string, owner: string, signal: AbortSignal): Promise<string | undefined> {
    signal.throwIfAborted();
    const key = `${owner} ${host}`;
    const known = this.#remembered.get(key);
    if (known && this.#clock.now() < known.until) return known.objection;
    const objection = await this.#look(host, proofRecord(host, owner), signal);
    this.#remember(key, objection);
    return objection;
  }

  #remember(key: string, objection: string | undefined): void {
    this.#remembered.delete(key);
    this.#remembered.set(key, { until: this.#clock.now() + REMEMBER_MS, objection });
    const [oldest = ''] = this.#remembered.keys();
    if (this.#remembered.size > MAX_REMEMBERED) this.#remembered.delete(oldest);
  }

  async #look(host: string, { name, value }: ProofRecord, signal: AbortSignal): Promise<string | undefined> {
    const wanted = `make the TXT record ${name} with the value "${value}"`;
    try {
      const records = await this.#textsOf(name, signal);
      // A long text comes in several strings.
      if (records.some((strings) => strings.join('') === value)) return undefined;
      return `none of the TXT records at ${name} gives ${host} to you; ${wanted}`;
    } catch (error) {
      signal.throwIfAborted();
      const { code = 'unknown error' } = error as NodeJS.ErrnoException;
      if (ABSENT.includes(code)) return `nothing in the DNS says that ${host} is yours; ${wanted}`;
      return `the DNS did not say whether ${host} is yours (${code}); unless you have, ${wanted}`;
    }
  }

  /** A resolver for each look: it is ended as a whole, and knows whom the system asks by now. */
  async #textsOf(name: string, signal: AbortSignal): Promise<string[][]> {
    const resolver = new Resolver(RESOLVER_OPTIONS);
    if (this.#servers.length > 0) resolver.setServers(this.#servers);
    const overdue = () => Object.assign(new Error('no answer in time'), { code: 'ETIMEOUT' });
    const limit = deadline(this.#clock, signal, TIMEOUT_MS, overdue);
    const forget = onAbort(limit.signal, () => resolver.cancel());
    try {
      return await unlessAborted(resolver.resolveTxt(name), limit.signal);
    } finally {
      forget();
      limit.release();
    }
  }
}

/** An IP address, with or without a port. @throws RangeError */
export function resolverAddress(text: string): string {
  try {
    new Resolver().setServers([text]);
    return text;
  } catch (cause) {
    throw new RangeError(`must be an address such as 192.0.2.1 or [2001:db8::1]:5353, not "${text}"`, {
      cause,
    });
  }
}
