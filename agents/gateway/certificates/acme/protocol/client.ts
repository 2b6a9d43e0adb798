import type { KeyObject } from 'node:crypto';
import type { Clock } from '../../../../../controllers/ports/clock.ts';
import type { RenewalWindow } from '../../schedule.ts';
import type { Answer, Https } from './https.ts';
import { parseJson } from './json.ts';
import { type ExternalAccount, externalBinding, type Signer, signedBody } from './jws.ts';
import { AcmeProblem, toProblem } from './problem.ts';
import {
  type Authorization,
  type Directory,
  type Order,
  toAuthorization,
  toDirectory,
  toOrder,
  toRenewalWindow,
} from './resources.ts';

export interface NewAccount {
  privateKey: KeyObject;
  email?: string | undefined;
  external?: ExternalAccount | undefined;
}

/** What a CA may ask: to come again not before some time. */
export interface Timed<T> {
  value: T;
  retryAfterMs: number | undefined;
}

/** A CA may refuse a nonce that it has given out (RFC 8555, 6.5); one that refuses so many is not well. */
const NONCE_ATTEMPTS = 16;

/** More are never in use at a time. */
const MAX_NONCES = 8;

const DAY_MS = 86_400_000;

/** The calls of RFC 8555 and RFC 9773 that a certificate needs. They reject with an AcmeProblem, or Unreachable. */
export class AcmeClient {
  readonly #clock: Clock;
  readonly #https: Https;
  readonly #directoryURL: string;
  readonly #nonces: string[] = [];
  #directory: { value: Directory; until: number } | undefined;

  constructor({ clock, https }: { clock: Clock; https: Https }, { directoryURL }: { directoryURL: string }) {
    this.#clock = clock;
    this.#https = https;
    this.#directoryURL = directoryURL;
  }

  /** Asked for once a day: a CA may move its resources, or begin to offer more. */
  async directory(signal: AbortSignal): Promise<Directory> {
    const now = this.#clock.now();
    if (this.#directory && this.#directory.until > now) return this.#directory.value;
    const answer = await this.#https.call(this.#directoryURL, { method: 'GET' }, signal);
    if (answer.status !== 200) throw this.#problemIn(answer);
    const value = toDirectory(parseJson(answer.body));
    this.#directory = { value, until: now + DAY_MS };
    return value;
  }

  /** Makes an account, or finds the one of this key; answers its URL. */
  async register({ privateKey, email, external }: NewAccount, signal: AbortSignal): Promise<string> {
    const { newAccount } = await this.directory(signal);
    const payload = {
      termsOfServiceAgreed: true,
      ...(email && { contact: [`mailto:${email}`] }),
      ...(external && { externalAccountBinding: externalBinding(external, privateKey, newAccount) }),
    };
    return locationOf(await this.#post({ privateKey }, newAccount, payload, signal));
  }

  /** @param replaces {@link renewalIdentifier} of the certificate that is renewed, for a CA that wants to know. */
  async newOrder(
    signer: Signer,
    { names, replaces }: { names: readonly string[]; replaces?: string | undefined },
    signal: AbortSignal,
  ): Promise<string> {
    const { newOrder } = await this.directory(signal);
    const identifiers = names.map((value) => ({ type: 'dns', value }));
    return locationOf(
      await this.#post(signer, newOrder, { identifiers, ...(replaces && { replaces }) }, signal),
    );
  }

  async order(signer: Signer, url: string, signal: AbortSignal): Promise<Timed<Order>> {
    return this.#timed(await this.#post(signer, url, undefined, signal), toOrder);
  }

  async authorization(signer: Signer, url: string, signal: AbortSignal): Promise<Timed<Authorization>> {
    return this.#timed(await this.#post(signer, url, undefined, signal), toAuthorization);
  }

  /** Asks the CA to look. */
  async accept(signer: Signer, challengeURL: string, signal: AbortSignal): Promise<void> {
    await this.#post(signer, challengeURL, {}, signal);
  }

  async finalize(signer: Signer, url: string, request: Buffer, signal: AbortSignal): Promise<void> {
    await this.#post(signer, url, { csr: request.toString('base64url') }, signal);
  }

  /** The chain in PEM. */
  async download(signer: Signer, url: string, signal: AbortSignal): Promise<string> {
    return (await this.#post(signer, url, undefined, signal)).body;
  }

  /** Undefined where the CA has no opinion. */
  async renewalWindow(identifier: string, signal: AbortSignal): Promise<Timed<RenewalWindow> | undefined> {
    const { renewalInfo } = await this.directory(signal);
    if (renewalInfo === undefined) return undefined;
    const answer = await this.#https.call(`${renewalInfo}/${identifier}`, { method: 'GET' }, signal);
    if (answer.status !== 200) throw this.#problemIn(answer);
    return this.#timed(answer, toRenewalWindow);
  }

  async #post(signer: Signer, url: string, payload: unknown, signal: AbortSignal): Promise<Answer> {
    for (let attempt = 1; ; attempt++) {
      const body = signedBody(signer, url, await this.#nonce(signal), payload);
      const answer = await this.#https.call(url, { method: 'POST', body }, signal);
      this.#remember(answer);
      if (answer.status >= 200 && answer.status < 300) return answer;
      const problem = this.#problemIn(answer);
      if (problem.type !== 'badNonce' || attempt >= NONCE_ATTEMPTS) throw problem;
    }
  }

  async #nonce(signal: AbortSignal): Promise<string> {
    const kept = this.#nonces.pop();
    if (kept !== undefined) return kept;
    const { newNonce } = await this.directory(signal);
    const answer = await this.#https.call(newNonce, { method: 'HEAD' }, signal);
    const nonce = nonceIn(answer);
    if (nonce === undefined) throw this.#problemIn(answer);
    return nonce;
  }

  /** Every answer brings the nonce of the next request. */
  #remember(answer: Answer): void {
    const nonce = nonceIn(answer);
    if (nonce !== undefined && this.#nonces.length < MAX_NONCES) this.#nonces.push(nonce);
  }

  #problemIn(answer: Answer): AcmeProblem {
    return toProblem(parseJson(answer.body), answer.status, this.#retryAfter(answer));
  }

  #timed<T>(answer: Answer, decode: (value: unknown) => T): Timed<T> {
    return { value: decode(parseJson(answer.body)), retryAfterMs: this.#retryAfter(answer) };
  }

  /** Seconds, or a date (RFC 9110, 10.2.3). */
  #retryAfter({ headers }: Answer): number | undefined {
    const text = headers['retry-after'];
    if (text === undefined) return undefined;
    const ms = /^\d{1,9}$/.test(text) ? Number(text) * 1000 : Date.parse(text) - this.#clock.now();
    return Number.isNaN(ms) ? undefined : Math.max(0, ms);
  }
}

/** base64url (RFC 8555, 6.5.1); it goes back as it came. */
function nonceIn({ headers }: Answer): string | undefined {
  const nonce = headers['replay-nonce'];
  return typeof nonce === 'string' && /^[A-Za-z0-9_-]{1,512}$/.test(nonce) ? nonce : undefined;
}

function locationOf({ headers, status }: Answer): string {
  if (headers.location !== undefined) return headers.location;
  throw new AcmeProblem({ type: '', detail: 'the CA did not say where what it made is', status });
}
