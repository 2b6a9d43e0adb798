import { createHash, createPrivateKey } from 'node:crypto';
import type { Logger } from '../../../../controllers/ports/logger.ts';
import type { Vault } from '../vault.ts';
import { newKey, toPem } from '../x509/sign.ts';
import type { AcmeClient } from './protocol/client.ts';
import type { ExternalAccount, Signer } from './protocol/jws.ts';

export interface AccountInit {
  directoryURL: string;
  email?: string | undefined;
  external?: ExternalAccount | undefined;
}

interface AccountRecord {
  /** PEM */
  key: string;
  /** Undefined until the CA has answered. */
  url?: string | undefined;
}

interface Components {
  client: AcmeClient;
  vault: Vault;
  logger: Logger;
}

const KIND = 'account';

/** Our account at one CA: its key is made once and kept, and so is what the CA calls it. */
export class Account {
  readonly #components: Components;
  readonly #init: AccountInit;
  #opening: Promise<Signer> | undefined;

  constructor(components: Components, init: AccountInit) {
    this.#components = components;
    this.#init = init;
  }

  /** Registers where that has not happened yet. Those who ask at the same time share one attempt. */
  signer(signal: AbortSignal): Promise<Signer> {
    this.#opening ??= this.#open(signal).catch((error) => {
      this.#opening = undefined;
      throw error;
    });
    return this.#opening;
  }

  /** The CA does not know it any more: the next time the same key is registered anew. */
  async forget(): Promise<void> {
    const record = await this.#read();
    if (record) await this.#write({ key: record.key });
    this.#opening = undefined;
  }

  async #open(signal: AbortSignal): Promise<Signer> {
    const { client, logger } = this.#components;
    const { directoryURL, email, external } = this.#init;
    const record = (await this.#read()) ?? { key: toPem(newKey()) };
    const privateKey = createPrivateKey(record.key);
    if (record.url !== undefined) return { privateKey, accountURL: record.url };
    // Before the CA knows of it: after a crash it is the same account that is asked for.
    await this.#write(record);
    const { termsOfService } = await client.directory(signal);
    const accountURL = await client.register({ privateKey, email, external }, signal);
    await this.#write({ ...record, url: accountURL });
    logger.info('ACME account was registered', {
      directory: directoryURL,
      account: accountURL,
      termsOfService,
    });
    return { privateKey, accountURL };
  }

  #read(): Promise<AccountRecord | undefined> {
    return this.#components.vault.read(KIND, this.#name(), decode);
  }

  #write(record: AccountRecord): Promise<void> {
    return this.#components.vault.write(KIND, this.#name(), record);
  }

  /** A CA that was tried out before has an account of its own. */
  #name(): string {
    return createHash('sha256').update(this.#init.directoryURL).digest('hex').slice(0, 16);
  }
}

function decode(value: unknown): AccountRecord | undefined {
  const { key, url } = (value ?? {}) as Partial<Record<keyof AccountRecord, unknown>>;
  const isWhole = typeof key === 'string' && (url === undefined || typeof url === 'string');
  return isWhole ? { key, url } : undefined;
}
