import { createPrivateKey, createPublicKey, type KeyObject, type X509Certificate } from 'node:crypto';
import type { Clock } from '../../../../controllers/ports/clock.ts';
import type { Logger } from '../../../../controllers/ports/logger.ts';
import { type Pair, readLeaf } from '../credential.ts';
import { isWithin } from '../names.ts';
import type { Vault } from '../vault.ts';
import { authorityExtensions, serverExtensions } from '../x509/extensions.ts';
import { newKey, signCertificate, toPem } from '../x509/sign.ts';

const DAY_MS = 86_400_000;

/** Whoever trusts it does so by hand: not to be asked again soon. */
const AUTHORITY_DAYS = 3650;

/** What Let's Encrypt gives: what expires there expires here, so that renewal is no surprise. */
const SERVER_DAYS = 90;

/** For clients whose clocks are behind. */
const BACKDATED_MS = 3_600_000;

/** A name in a certificate has at most 64 characters (RFC 5280, ub-common-name). */
const LONGEST_COMMON_NAME = 64;

const KIND = 'authority';

/** Signs for hosts of its domains. Its certificate says that nobody need believe it about any other. */
export class Authority {
  /** PEM, for `curl --cacert`. */
  readonly certificate: string;
  readonly #domains: readonly string[];
  readonly #parsed: X509Certificate;
  readonly #privateKey: KeyObject;

  constructor({ chain, key }: Pair, { domains }: { domains: readonly string[] }) {
    this.certificate = chain;
    this.#domains = domains;
    this.#parsed = readLeaf(chain);
    this.#privateKey = createPrivateKey(key);
  }

  /** Milliseconds since the epoch. */
  get notAfter(): number {
    return this.#parsed.validToDate.getTime();
  }

  maySignFor(host: string): boolean {
    return this.#domains.some((domain) => isWithin(domain, host));
  }

  hasSigned(chain: string): boolean {
    return readLeaf(chain).verify(this.#parsed.publicKey);
  }

  /** A new certificate for these names, with a key of its own. */
  sign(names: readonly string[], now: number): Pair {
    const key = newKey();
    const leaf = signCertificate({
      subject: 'Peer Compute gateway',
      publicKey: createPublicKey(key),
      issuer: { name: commonName(this.#domains), privateKey: this.#privateKey },
      notBefore: now - BACKDATED_MS,
      notAfter: Math.min(now + SERVER_DAYS * DAY_MS, this.notAfter),
      extensions: serverExtensions(this.#parsed.publicKey, names),
    });
    return { chain: `${leaf}${this.certificate}`, key: toPem(key) };
  }
}

/** The authority for exactly these domains: the one that is stored, or a new one. */
export async function openAuthority(
  { vault, clock, logger }: { vault: Vault; clock: Clock; logger: Logger },
  { domains }: { domains: readonly string[] },
): Promise<Authority> {
  // Under its domains: whoever mistypes one and corrects that gets the authority back that clients trust.
  const name = [...domains].sort().join('+');
  const stored = await vault.read(KIND, name, (value) => decode(value, domains));
  if (stored && stored.notAfter > clock.now() + SERVER_DAYS * DAY_MS) return stored;
  const pair = createAuthority(domains, clock.now());
  await vault.write(KIND, name, pair);
  logger.info('Local certificate authority was made: clients must be told to trust it', { domains });
  return new Authority(pair, { domains });
}

function createAuthority(domains: readonly string[], now: number): Pair {
  const privateKey = newKey();
  const publicKey = createPublicKey(privateKey);
  const name = commonName(domains);
  const chain = signCertificate({
    subject: name,
    publicKey,
    issuer: { name, privateKey },
    notBefore: now - BACKDATED_MS,
    notAfter: now + AUTHORITY_DAYS * DAY_MS,
    extensions: authorityExtensions(publicKey, domains),
  });
  return { chain, key: toPem(privateKey) };
}

function commonName([domain]: readonly string[]): string {
  return `Peer Compute CA ${domain}`.slice(0, LONGEST_COMMON_NAME);
}

function decode(value: unknown, domains: readonly string[]): Authority | undefined {
  const { chain, key } = (value ?? {}) as Partial<Record<keyof Pair, unknown>>;
  return typeof chain === 'string' && typeof key === 'string'
    ? new Authority({ chain, key }, { domains })
    : undefined;
}
