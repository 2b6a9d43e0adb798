import type { Vault } from '../vault.ts';
import { newKey, toPem } from '../x509/sign.ts';
import { isProof, type Proof } from './proof.ts';
import type { Subject } from './subject.ts';

/** An order that is under way, or about to be placed. */
export interface OrderRecord {
  id: string;
  /** PEM; the key of the certificate to be. */
  key: string;
  /** Which CA it is placed with. */
  directoryURL: string;
  /** Undefined until the CA has answered. */
  url?: string | undefined;
  /** What the CA may be looking at. */
  proofs: Proof[];
}

const KIND = 'order';

/** Orders on disk: after a restart they are gone on with, and nothing is ordered twice. */
export class OrderBook {
  readonly #vault: Vault;
  readonly #directoryURL: string;

  constructor({ vault }: { vault: Vault }, { directoryURL }: { directoryURL: string }) {
    this.#vault = vault;
    this.#directoryURL = directoryURL;
  }

  /** All of them at this CA. */
  async list(): Promise<OrderRecord[]> {
    const records = await this.#vault.list(KIND, decode);
    return records.filter(({ directoryURL }) => directoryURL === this.#directoryURL);
  }

  /** The order for a subject at this CA, if there is one. */
  async find({ id }: Subject): Promise<OrderRecord | undefined> {
    const record = await this.#vault.read(KIND, id, decode);
    return record?.directoryURL === this.#directoryURL ? record : undefined;
  }

  /** Written before it is placed. */
  async begin({ id }: Subject): Promise<OrderRecord> {
    const record = { id, key: toPem(newKey()), directoryURL: this.#directoryURL, proofs: [] };
    await this.#vault.write(KIND, id, record);
    return record;
  }

  /** Something about it has become known. */
  async update<T extends OrderRecord>(record: T): Promise<T> {
    await this.#vault.write(KIND, record.id, record);
    return record;
  }

  /** It is fulfilled, or will never be. */
  remove({ id }: Subject): void {
    this.#vault.remove(KIND, id);
  }
}

function decode(value: unknown): OrderRecord | undefined {
  const { id, key, directoryURL, url, proofs } = (value ?? {}) as Partial<Record<keyof OrderRecord, unknown>>;
  const isWhole =
    typeof id === 'string' &&
    typeof key === 'string' &&
    typeof directoryURL === 'string' &&
    (url === undefined || typeof url === 'string') &&
    Array.isArray(proofs) &&
    proofs.every(isProof);
  return isWhole ? { id, key, directoryURL, url, proofs } : undefined;
}
