import type { SecureContext } from 'node:tls';
import type { Clock } from '../../../controllers/ports/clock.ts';
import { type Challenge, challengeContext } from './challenge.ts';
import type { Credential, Pair } from './credential.ts';
import { wildcardOf } from './names.ts';
import type { ServedCertificates } from './served.ts';

/** What another process has to know to serve the same. */
export type ServedChange =
  | ({ type: 'put'; id: string } & Pair)
  | { type: 'answer' | 'withdraw'; challenge: Challenge };

/** Resolves when it is served there as well. */
export type ServedListener = (change: ServedChange) => Promise<void>;

/** What is served, indexed by name, so that a handshake costs two look-ups. */
export class ServedSet implements ServedCertificates {
  readonly #clock: Clock;
  /** By what they were put in under. */
  readonly #credentials = new Map<string, Credential>();
  #byName = new Map<string, Credential>();
  readonly #answers = new Map<string, string>();
  readonly #proofs = new Map<string, { token: string; context: SecureContext }>();
  /** Challenges that are answered. */
  readonly #challenges = new Set<Challenge>();
  readonly #listeners = new Set<ServedListener>();

  constructor({ clock }: { clock: Clock }) {
    this.#clock = clock;
  }

  contextFor(serverName: string): SecureContext | undefined {
    return this.covering(serverName.toLowerCase())?.context;
  }

  challengeFor(serverName: string): SecureContext | undefined {
    return this.#proofs.get(serverName.toLowerCase())?.context;
  }

  answerTo(host: string, token: string): string | undefined {
    return this.#answers.get(answerKey(host.toLowerCase(), token));
  }

  /** What a name is served with: an exact name goes before a wildcard, unless it has expired and the other has not. */
  covering(name: string): Credential | undefined {
    const exact = this.#byName.get(name);
    if (exact && exact.notAfter > this.#clock.now()) return exact;
    const wildcard = this.#byName.get(wildcardOf(name));
    return wildcard && wildcard.notAfter > (exact?.notAfter ?? 0) ? wildcard : exact;
  }

  get(id: string): Credential | undefined {
    return this.#credentials.get(id);
  }

  put(id: string, credential: Credential): void {
    const replaced = this.#credentials.get(id);
    this.#credentials.set(id, credential);
    if (replaced) this.#byName = indexOf(this.#credentials.values());
    else for (const name of credential.names) preferLater(this.#byName, name, credential);
    void this.#tell({ type: 'put', id, chain: credential.chain, key: credential.key });
  }

  /** Answers a challenge until it is withdrawn. Resolves when every process does. */
  answer(challenge: Challenge): Promise<void> {
    const { type, host, token } = challenge;
    this.#challenges.add(challenge);
    if (type === 'http-01') this.#answers.set(answerKey(host, token), challenge.keyAuthorization);
    else this.#proofs.set(host, { token, context: challengeContext(challenge) });
    return this.#tell({ type: 'answer', challenge });
  }

  withdraw(challenge: Challenge): void {
    const { type, host, token } = challenge;
    for (const known of this.#challenges)
      if (known.type === type && known.host === host && known.token === token) this.#challenges.delete(known);
    if (type === 'http-01') this.#answers.delete(answerKey(host, token));
    else if (this.#proofs.get(host)?.token === token) this.#proofs.delete(host);
    void this.#tell({ type: 'withdraw', challenge });
  }

  /** All that is served now, as the changes that lead there. */
  changes(): ServedChange[] {
    return [
      ...[...this.#credentials].map(([id, { chain, key }]) => ({ type: 'put' as const, id, chain, key })),
      ...[...this.#challenges].map((challenge) => ({ type: 'answer' as const, challenge })),
    ];
  }

  /** Calls back with each change from now on. */
  onServed(listener: ServedListener): void {
    this.#listeners.add(listener);
  }

  async #tell(change: ServedChange): Promise<void> {
    await Promise.all([...this.#listeners].map((listener) => listener(change)));
  }
}

/** Of several certificates for one name the one that lasts longest: a renewed one lasts longer than its predecessor. */
function indexOf(credentials: Iterable<Credential>): Map<string, Credential> {
  const byName = new Map<string, Credential>();
  for (const credential of credentials)
    for (const name of credential.names) preferLater(byName, name, credential);
  return byName;
}

function preferLater(byName: Map<string, Credential>, name: string, credential: Credential): void {
  const known = byName.get(name);
  if (!known || known.notAfter <= credential.notAfter) byName.set(name, credential);
}

/** Neither can hold a space. */
function answerKey(host: string, token: string): string {
  return `${host} ${token}`;
}
