import type { SecureContext } from 'node:tls';
import { Reason } from '../../../../api/v1alpha1/reasons.ts';
import { onAbort } from '../../../../controllers/core/abort.ts';
import { WorkQueue } from '../../../../controllers/core/workqueue.ts';
import type { CertificateState } from '../../../../controllers/ports/certificates.ts';
import type { Clock } from '../../../../controllers/ports/clock.ts';
import type { Logger } from '../../../../controllers/ports/logger.ts';
import type { Metrics } from '../../../../controllers/ports/metrics.ts';
import { type Credential, readLeaf } from '../credential.ts';
import type { GatewayCertificates } from '../gateway-certificates.ts';
import { KeptCertificates } from '../kept-certificates.ts';
import { ServedSet } from '../served-set.ts';
import { Vault } from '../vault.ts';
import { WantedHosts } from '../wanted-hosts.ts';
import { timeOf } from '../wording.ts';
import { renewalIdentifier } from '../x509/identifier.ts';
import { Account } from './account.ts';
import { Budget } from './budget.ts';
import type { DnsRecords } from './dns/dns-records.ts';
import { Issuer } from './issuer.ts';
import { OrderBook } from './order-book.ts';
import { AcmeClient } from './protocol/client.ts';
import { Https } from './protocol/https.ts';
import type { ExternalAccount } from './protocol/jws.ts';
import { type Advice, RenewalAdvice } from './renewal-advice.ts';
import { Solver } from './solver.ts';
import { type Subject, subjectOf } from './subject.ts';
import { Troubles } from './troubles.ts';

export interface AcmeInit {
  /** Of its own: it is closed to everybody else. */
  directory: string;
  /** Of the gateway. */
  domain: string;
  /** Of the CA. */
  directoryURL: string;
  email?: string | undefined;
  external?: ExternalAccount | undefined;
  /** PEM of the authorities that the CA's own server is checked by, for one of a company's own. */
  roots?: string | undefined;
  /** How long a DNS record takes to all servers of its zone, in milliseconds. Default: 5 s. */
  propagationMs?: number | undefined;
}

interface Components {
  clock: Clock;
  logger: Logger;
  metrics: Metrics;
  /** With it the domain and all hosts below it have one certificate. */
  dns?: DnsRecords | undefined;
}

/** Orders that are under way at a time; each waits for the CA most of its time. */
const WORKERS = 4;

const DEFAULT_PROPAGATION_MS = 5_000;

/** So long after its end a certificate that nobody asks for is kept, in case somebody does. */
const KEEP_EXPIRED_MS = 30 * 86_400_000;

/** A new certificate is not renewed at once, however wrong our clock or the CA's: each renewal spends some budget. */
const REST_MS = 3_600_000;

/** Certificates from a CA that speaks ACME, such as Let's Encrypt. */
export class AcmeCertificates implements GatewayCertificates {
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #metrics: Metrics;
  readonly #ca: string;
  readonly #wildcardDomain: string | undefined;
  readonly #wanted = new WantedHosts();
  readonly #served: ServedSet;
  readonly #vault: Vault;
  readonly #kept: KeptCertificates;
  readonly #budget: Budget;
  readonly #https: Https;
  readonly #issuer: Issuer;
  readonly #advice: RenewalAdvice;
  readonly #troubles: Troubles;
  readonly #queue: WorkQueue;

  constructor(components: Components, init: AcmeInit) {
    const { clock, logger, metrics, dns } = components;
    const { propagationMs = DEFAULT_PROPAGATION_MS, directoryURL } = init;
    this.#clock = clock;
    this.#logger = logger;
    this.#metrics = metrics;
    this.#ca = new URL(directoryURL).host;
    this.#wildcardDomain = dns && init.domain;
    this.#served = new ServedSet({ clock });
    this.#vault = new Vault({ logger }, init);
    this.#https = new Https({ clock }, init);
    const vault = this.#vault;
    const served = this.#served;
    const client = new AcmeClient({ clock, https: this.#https }, { directoryURL });
    this.#kept = new KeptCertificates({ vault, served, logger });
    this.#budget = new Budget({ clock, vault });
    const account = new Account({ client, vault, logger }, init);
    const orders = new OrderBook({ vault }, { directoryURL });
    const solver = new Solver({ clock, logger, served, dns }, { propagationMs });
    this.#issuer = new Issuer({ clock, client, account, budget: this.#budget, orders, solver });
    this.#advice = new RenewalAdvice({ clock, logger, client });
    this.#troubles = new Troubles({ clock });
    this.#queue = new WorkQueue({ clock, metrics }, { name: 'certificates' });
  }

  async start(signal: AbortSignal): Promise<void> {
    await this.#vault.open();
    await this.#budget.load();
    const oldest = this.#clock.now() - KEEP_EXPIRED_MS;
    await this.#kept.load(({ notAfter }) => notAfter > oldest);
    await this.#issuer.resume();
    onAbort(signal, () => this.#queue.shutDown());
    const workers = Array.from({ length: WORKERS }, () => this.#work(signal));
    void Promise.all(workers).finally(() => this.#https.close());
    this.#wanted.changed(() => true);
  }

  want(hosts: ReadonlySet<string>): void {
    const subjects = new Set(this.#wanted.replace(hosts).map((host) => this.#subjectOf(host).id));
    for (const id of subjects) this.#queue.add(id);
  }

  state(host: string): CertificateState {
    const credential = this.#served.covering(host);
    if (credential && credential.notAfter > this.#clock.now()) return { ready: true };
    const trouble = this.#troubles.get(this.#subjectOf(host).id);
    const message = trouble?.message ?? `${this.#ca} is being asked for a certificate`;
    return { ready: false, reason: trouble?.reason ?? Reason.CertificatePending, message };
  }

  onChange(listener: (host: string) => void): () => void {
    return this.#wanted.onChange(listener);
  }

  get served(): ServedSet {
    return this.#served;
  }

  contextFor(serverName: string): SecureContext | undefined {
    return this.#served.contextFor(serverName);
  }

  challengeFor(serverName: string): SecureContext | undefined {
    return this.#served.challengeFor(serverName);
  }

  answerTo(host: string, token: string): string | undefined {
    return this.#served.answerTo(host, token);
  }

  async #work(signal: AbortSignal): Promise<void> {
    for (let id = await this.#queue.get(); id !== undefined; id = await this.#queue.get()) {
      const pause = await this.#attend(id, signal);
      this.#queue.done(id);
      if (pause !== undefined) this.#queue.addAfter(id, pause);
    }
  }

  /** Sees to one certificate; answers when to look again, in milliseconds. Never rejects. */
  async #attend(id: string, signal: AbortSignal): Promise<number | undefined> {
    const subject = this.#wantedSubject(id);
    if (!subject) return undefined;
    try {
      const credential = this.#served.get(id);
      const advice = credential && (await this.#advice.for(credential, signal));
      const due = this.#kept.renewalTime(id, advice?.window);
      const now = this.#clock.now();
      if (due > now) {
        // A crash may have come between keeping a certificate and closing its order.
        await this.#issuer.close(subject);
        return Math.min(due, advice?.until ?? due) - now;
      }
      await this.#renew(subject, credential, advice, signal);
      return REST_MS;
    } catch (error) {
      return signal.aborted ? undefined : this.#failed(subject, error);
    }
  }

  async #renew(
    subject: Subject,
    current: Credential | undefined,
    advice: Advice | undefined,
    signal: AbortSignal,
  ): Promise<void> {
    const { id, names } = subject;
    const wish = {
      subject,
      byDns: id.startsWith('*.'),
      attempt: this.#troubles.failures(id),
      renewal: current !== undefined,
      replaces: current && advice?.window && renewalIdentifier(readLeaf(current.chain)),
    };
    const pair = await this.#issuer.issue(wish, signal);
    await this.#kept.keep(id, pair);
    await this.#issuer.close(subject);
    this.#troubles.clear(id);
    if (current) this.#advice.forget(current);
    this.#metrics.increment('peercompute_certificate_orders_total', { result: 'issued' });
    const expires = timeOf(this.#served.get(id)?.notAfter ?? 0);
    this.#logger.info('Certificate was obtained', { names, expires, from: this.#ca });
    this.#changed(subject);
  }

  #failed(subject: Subject, error: unknown): number {
    const { reason, message, retryAt } = this.#troubles.add(subject.id, error);
    const result = reason === Reason.CertificatePending ? 'delayed' : 'failed';
    this.#metrics.increment('peercompute_certificate_orders_total', { result });
    this.#logger.warn('Certificate was not obtained', {
      names: subject.names,
      error: message,
      from: this.#ca,
    });
    this.#changed(subject);
    return retryAt - this.#clock.now();
  }

  #changed({ id }: Subject): void {
    this.#wanted.changed((host) => this.#subjectOf(host).id === id);
  }

  #subjectOf(host: string): Subject {
    return subjectOf(host, this.#wildcardDomain);
  }

  /** Undefined once no host needs it any more. */
  #wantedSubject(id: string): Subject | undefined {
    const host = this.#wanted.has(id) ? id : [...this.#wanted].find((one) => this.#subjectOf(one).id === id);
    const subject = host === undefined ? undefined : this.#subjectOf(host);
    return subject?.id === id ? subject : undefined;
  }
}
