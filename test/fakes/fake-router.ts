import type { StatusError } from '../../api/meta/status-error.ts';
import type { CertificateState, Certificates } from '../../controllers/ports/certificates.ts';
import type { Backend, HostRoute, Router, Traffic } from '../../controllers/ports/router.ts';

/** A Router that notes what it is told, and whose tunnels and containers a test decides on. */
export class FakeRouter implements Router {
  readonly endpoint = { port: 443, workers: 1 };
  served: readonly HostRoute[] = [];
  allowed: ReadonlySet<string> = new Set();
  /** How often what is served was replaced. */
  changes = 0;
  /** What has gone through every host name. */
  counted: Traffic = { requests: 0, errors: 0 };
  /** What keeps containers from answering. */
  problem: StatusError | undefined;
  readonly #connected = new Set<string>();
  readonly #listeners = new Set<(provider: string) => void>();

  serve(routes: readonly HostRoute[]): void {
    this.served = routes;
    this.changes += 1;
  }

  allow(peerIDs: ReadonlySet<string>): void {
    this.allowed = peerIDs;
  }

  tunnels(provider: string): number {
    return this.#connected.has(provider) ? 1 : 0;
  }

  connect(provider: string): void {
    this.#connected.add(provider);
    for (const listener of this.#listeners) listener(provider);
  }

  disconnect(provider: string): void {
    this.#connected.delete(provider);
    for (const listener of this.#listeners) listener(provider);
  }

  async probe(_route: HostRoute, _backend: Backend): Promise<void> {
    if (this.problem) throw this.problem;
  }

  traffic(): Traffic {
    return this.counted;
  }

  onTunnelChange(listener: (provider: string) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}

/** Certificates that are there when a test says so. */
export class FakeCertificates implements Certificates {
  wanted: ReadonlySet<string> = new Set();
  #states = new Map<string, CertificateState>();
  readonly #listeners = new Set<(host: string) => void>();

  want(hosts: ReadonlySet<string>): void {
    this.wanted = hosts;
  }

  state(host: string): CertificateState {
    return this.#states.get(host) ?? { ready: true };
  }

  set(host: string, state: CertificateState): void {
    this.#states.set(host, state);
    for (const listener of this.#listeners) listener(host);
  }

  onChange(listener: (host: string) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
