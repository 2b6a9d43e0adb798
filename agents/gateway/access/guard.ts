import { BlockList, isIP } from 'node:net';
import type { Access } from '../../../api/v1alpha1/access.ts';
import type { Clock } from '../../../controllers/ports/clock.ts';
import type { Refusal } from '../ingress/http1/upstream.ts';
import { addressKey } from './address-key.ts';
import { readCredentials } from './credentials.ts';
import { KeyedBuckets } from './keyed-buckets.ts';
import type { PasswordCheck, Verdict } from './password-check.ts';

export interface Visitor {
  /** IP address. */
  address: string;
  /** Value of the Authorization header. */
  authorization: string | undefined;
}

/** A person mistypes; ten wrong passwords and one more every six seconds is somebody else. */
const GUESSES = { burst: 10, perSecond: 1 / 6 };

const FORBIDDEN: Refusal = { status: 403, reason: 'this application is not open to your network' };
const TOO_MANY: Refusal = { status: 429, reason: 'too many attempts to log in', retryAfterSeconds: 10 };

/** A user whom nobody has: who guesses names must not see by the time it takes that one exists. */
const NOBODY = `$scrypt$ln=14,r=8,p=1$${'A'.repeat(22)}$${'A'.repeat(43)}`;

/** Lets in whom the access rules of one host name allow. */
export class Guard {
  readonly rules: Access;
  readonly #passwords: PasswordCheck;
  readonly #networks: BlockList | undefined;
  readonly #users: ReadonlyMap<string, string>;
  readonly #tokens: ReadonlySet<string>;
  readonly #guesses: KeyedBuckets;
  readonly #unauthorized: Refusal;

  constructor(components: { clock: Clock; passwords: PasswordCheck }, init: { host: string; rules: Access }) {
    const { basicAuth = [], bearer = [], allowCIDRs } = init.rules;
    this.rules = init.rules;
    this.#passwords = components.passwords;
    this.#networks = allowCIDRs && networksOf(allowCIDRs);
    this.#users = new Map(basicAuth.map(({ username, passwordHash }) => [username, passwordHash]));
    this.#tokens = new Set(bearer);
    this.#guesses = new KeyedBuckets(components, GUESSES);
    const challenge = basicAuth.length > 0 ? `Basic realm="${init.host}", charset="UTF-8"` : 'Bearer';
    const headers = { 'WWW-Authenticate': challenge };
    this.#unauthorized = { status: 401, reason: 'log in to use this application', headers };
  }

  /** Answers why somebody is not let in; undefined lets in. */
  check(visitor: Visitor): Refusal | undefined | Promise<Refusal | undefined> {
    if (this.#networks && !contains(this.#networks, visitor.address)) return FORBIDDEN;
    if (this.#users.size === 0 && this.#tokens.size === 0) return undefined;
    if (visitor.authorization === undefined) return this.#unauthorized;
    const key = addressKey(visitor.address);
    if (this.#guesses.isEmpty(key)) return TOO_MANY;
    const verdict = this.#judge(visitor.authorization);
    const answer = (found: Verdict) => this.#answer(found, key);
    return typeof verdict === 'string' ? answer(verdict) : verdict.then(answer);
  }

  #judge(authorization: string): Verdict | Promise<Verdict> {
    const shown = readCredentials(authorization);
    if (shown?.scheme === 'bearer') return this.#tokens.has(shown.tokenHash) ? 'right' : 'wrong';
    if (!shown || this.#users.size === 0) return 'wrong';
    return this.#passwords.check(shown.password, this.#users.get(shown.username) ?? NOBODY);
  }

  #answer(verdict: Verdict, key: string): Refusal | undefined {
    if (verdict === 'right') return undefined;
    if (verdict === 'busy') return TOO_MANY;
    this.#guesses.take(key);
    return this.#unauthorized;
  }
}

function networksOf(cidrs: readonly string[]): BlockList {
  const networks = new BlockList();
  for (const cidr of cidrs) {
    const [address = '', prefix] = cidr.split('/');
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    networks.addSubnet(address, Number(prefix ?? (family === 'ipv6' ? 128 : 32)), family);
  }
  return networks;
}

function contains(networks: BlockList, address: string): boolean {
  return networks.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
}
