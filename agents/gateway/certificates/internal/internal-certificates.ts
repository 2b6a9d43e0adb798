import { join } from 'node:path';
import type { SecureContext } from 'node:tls';
import { Reason } from '../../../../api/v1alpha1/reasons.ts';
import { onAbort } from '../../../../controllers/core/abort.ts';
import type { CertificateState } from '../../../../controllers/ports/certificates.ts';
import type { Clock } from '../../../../controllers/ports/clock.ts';
import type { Logger } from '../../../../controllers/ports/logger.ts';
import { replaceFile } from '../../../adapters/store/durable-file.ts';
import { nodeFileSystem } from '../../../adapters/store/file-system.ts';
import type { GatewayCertificates } from '../gateway-certificates.ts';
import { KeptCertificates } from '../kept-certificates.ts';
import { coversName } from '../names.ts';
import { ServedSet } from '../served-set.ts';
import { Vault } from '../vault.ts';
import { WantedHosts } from '../wanted-hosts.ts';
import { messageOf } from '../wording.ts';
import { type Authority, openAuthority } from './authority.ts';

export interface InternalInit {
  /** Of its own: it is closed to everybody else. */
  directory: string;
  /** Of the gateway. */
  domain: string;
  /**
   * Further domains whose hosts may be signed for. They are part of what clients trust once and for all, so they are
   * named beforehand and by the operator, not by whoever asks for a host: an authority that signs for any name is one
   * that can read any traffic of those who trust it. Others get an authority of their own.
   */
  furtherDomains?: readonly string[];
}

interface Components {
  clock: Clock;
  logger: Logger;
}

/** An authority in its last days signs for ever shorter times. */
const SOONEST_MS = 60_000;

/** Certificates from an authority of the gateway's own, for machines without a public name. */
export class InternalCertificates implements GatewayCertificates {
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #init: InternalInit;
  readonly #vault: Vault;
  readonly #served: ServedSet;
  readonly #wanted = new WantedHosts();
  readonly #kept: KeptCertificates;
  #authority: Authority | undefined;
  #cancel = () => {};
  #ended = false;

  constructor(components: Components, init: InternalInit) {
    this.#clock = components.clock;
    this.#logger = components.logger;
    this.#init = init;
    this.#vault = new Vault(components, init);
    this.#served = new ServedSet(components);
    this.#kept = new KeptCertificates({ ...components, vault: this.#vault, served: this.#served });
  }

  async start(signal: AbortSignal): Promise<void> {
    const { directory, domain, furtherDomains = [] } = this.#init;
    await this.#vault.open();
    const components = { vault: this.#vault, clock: this.#clock, logger: this.#logger };
    const authority = await openAuthority(components, { domains: [domain, ...furtherDomains] });
    await replaceFile(nodeFileSystem, join(directory, 'ca.pem'), authority.certificate, { durable: true });
    const now = this.#clock.now();
    await this.#kept.load(({ chain, notAfter }) => notAfter > now && authority.hasSigned(chain));
    this.#authority = authority;
    await this.#refresh();
    onAbort(signal, () => this.#end());
  }

  /** What clients must trust, in PEM; the same is in `ca.pem`. Undefined before the start. */
  get authority(): string | undefined {
    return this.#authority?.certificate;
  }

  want(hosts: ReadonlySet<string>): void {
    if (this.#wanted.replace(hosts).length > 0) void this.#refresh();
  }

  state(host: string): CertificateState {
    if (this.#served.covering(host)) return { ready: true };
    if (this.#authority?.maySignFor(host) ?? true)
      return { ready: false, reason: Reason.CertificatePending, message: 'its certificate is being signed' };
    const message =
      `${host} lies outside of what the gateway's own authority may sign for, ${this.#domains().join(', ')}: ` +
      'the operator of the gateway can add its domain, or use --tls acme or --tls files';
    return { ready: false, reason: Reason.CertificateFailed, message };
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

  /** Nobody asks an authority of our own to be convinced. */
  challengeFor(): undefined {}
  answerTo(): undefined {}

  #domains(): string[] {
    return [this.#init.domain, ...(this.#init.furtherDomains ?? [])];
  }

  #end(): void {
    this.#ended = true;
    this.#cancel();
  }

  /** Signs what is missing or due, and comes back when the next one is. Never rejects. */
  async #refresh(): Promise<void> {
    this.#cancel();
    const authority = this.#authority;
    if (!authority || this.#ended) return;
    const subjects = this.#subjects(authority);
    const now = this.#clock.now();
    const due = [...subjects].filter(([id]) => this.#kept.renewalTime(id) <= now);
    const writes = due.map(([id, names]) => this.#kept.keep(id, authority.sign(names, now)));
    for (const [, names] of due) this.#wanted.changed((host) => coversName(names, host));
    const next = Math.min(...[...subjects.keys()].map((id) => this.#kept.renewalTime(id)));
    this.#cancel = this.#clock.after(Math.max(next - now, SOONEST_MS), () => void this.#refresh());
    for (const result of await Promise.allSettled(writes))
      if (result.status === 'rejected')
        this.#logger.error('Certificate was not stored: it will be signed anew after a restart', {
          error: messageOf(result.reason),
        });
  }

  /** What to sign for: all of the domain in one, and each further host by itself. */
  #subjects(authority: Authority): Map<string, string[]> {
    const { domain } = this.#init;
    const wildcard = `*.${domain}`;
    const names = [domain, wildcard];
    const others = [...this.#wanted].filter((host) => authority.maySignFor(host) && !coversName(names, host));
    return new Map([[wildcard, names], ...others.map((host) => [host, [host]] as [string, string[]])]);
  }
}
