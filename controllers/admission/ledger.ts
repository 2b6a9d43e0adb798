import { formatKey, keyOf } from '../../api/meta/object.ts';
import type { Deployment } from '../../api/v1alpha1/types.ts';
import { add, NO_USAGE, type Usage, usageOf } from './usage.ts';

interface Entry {
  owner: string;
  uid: string;
  generation: number;
  usage: Usage;
}

/**
 * What every Deployment here lays claim to, and the sums, kept up to date as objects come and go.
 * Checking and reserving happen without a pause between them, so that concurrent requests cannot
 * each take the last of what is left.
 */
export class Ledger {
  readonly #entries = new Map<string, Entry>();
  readonly #totals = new Map<string, Usage>();
  #total = NO_USAGE;

  total(owner?: string): Usage {
    return owner === undefined ? this.#total : (this.#totals.get(owner) ?? NO_USAGE);
  }

  of(key: string): Usage {
    return this.#entries.get(key)?.usage ?? NO_USAGE;
  }

  /** Claims `usage` for an object about to be written. The returned function takes it back. */
  reserve(key: string, owner: string, usage: Usage): () => void {
    const before = this.#entries.get(key);
    // A status event of the generation before this write must not undo the reservation.
    const entry = { owner, uid: before?.uid ?? '', generation: (before?.generation ?? 0) + 1, usage };
    this.#set(key, entry);
    return () => {
      if (this.#entries.get(key) === entry) this.#set(key, before);
    };
  }

  /** An object as the Store holds it. One older than what is known here changes nothing. */
  observe(deployment: Deployment): void {
    const key = formatKey(keyOf(deployment));
    const { owner = '', uid, generation } = deployment.metadata;
    const known = this.#entries.get(key);
    if (known?.uid === uid && known.generation > generation) return;
    this.#set(key, { owner, uid, generation, usage: usageOf(deployment.spec) });
  }

  /** An object that is gone from the Store. */
  forget(deployment: Deployment): void {
    const key = formatKey(keyOf(deployment));
    if (this.#entries.get(key)?.uid === deployment.metadata.uid) this.#set(key, undefined);
  }

  #set(key: string, entry: Entry | undefined): void {
    const before = this.#entries.get(key);
    if (before) this.#count(before, -1);
    if (entry) this.#count(entry, 1);
    if (entry) this.#entries.set(key, entry);
    else this.#entries.delete(key);
  }

  #count({ owner, usage }: Entry, sign: 1 | -1): void {
    this.#total = add(this.#total, usage, sign);
    const total = add(this.total(owner), usage, sign);
    if (total.deployments > 0) this.#totals.set(owner, total);
    else this.#totals.delete(owner);
  }
}
