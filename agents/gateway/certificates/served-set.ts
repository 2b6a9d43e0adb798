import type { SecureContext } from 'node:tls';
import type { Clock } from '../../../controllers/ports/clock.ts';
import { type Challenge, challengeContext } from './challenge.ts';
import type { Credential } from './credential.ts';
import { wildcardOf } from './names.ts';
import type { ServedCertificates } from './served.ts';

/** What is served, indexed by name, so that a handshake costs two look-ups. */
export class ServedSet implements ServedCertificates {
  readonly #clock: Clock;
  /** By what they were put in under. */
  readonly #credentials = new Map<string, Credential>();
  #byName = new Map<string, Credential>();
  readonly #answers = new Map<string, string>();
  readonly #proofs = new Map<string, { token: string; context: SecureContext }>();

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
  }

  /** Answers a challenge until it is withdrawn. */
  answer(challenge: Challenge): void {
    const { type, host, token } = challenge;
    if (type === 'http-01') this.#answers.set(answerKey(host, token), challenge.keyAuthorization);
    else this.#proofs.set(host, { token, context: challengeContext(challenge) });
  }

  withdraw({ type, host, token }: Challenge): void {
    if (type === 'http-01') this.#answers.delete(answerKey(host, token));
    else if (this.#proofs.get(host)?.token === token) this.#proofs.delete(host);
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
