import { StatusError } from '../../../api/meta/status-error.ts';
import { Reason } from '../../../api/v1alpha1/reasons.ts';
import type {
  Backend,
  HostRoute,
  Router,
  Traffic,
  TunnelEndpoint,
} from '../../../controllers/ports/router.ts';
import { TrafficCounts } from '../router/traffic.ts';
import type { ToWorker } from './messages.ts';
import { WorkerGone, type WorkerSlot } from './worker-slot.ts';

/** The routers of all workers as one. */
export class PoolRouter implements Router {
  readonly #slots: readonly WorkerSlot[];
  readonly #traffic = new TrafficCounts();
  readonly #listeners = new Set<(provider: string) => void>();
  #routes: readonly HostRoute[] = [];
  #allowed: ReadonlySet<string> = new Set();
  #port = 0;

  constructor(components: { slots: readonly WorkerSlot[] }) {
    this.#slots = components.slots;
  }

  get endpoint(): TunnelEndpoint {
    return { port: this.#port, workers: this.#slots.length };
  }

  listensOn(port: number): void {
    this.#port = port;
  }

  serve(routes: readonly HostRoute[]): void {
    this.#routes = routes;
    this.#traffic.keep(new Set(routes.map(({ host }) => host)));
    this.#tell({ type: 'serve', routes });
  }

  allow(peerIDs: ReadonlySet<string>): void {
    this.#allowed = peerIDs;
    this.#tell({ type: 'allow', peerIDs });
  }

  /** What a new worker has to know. */
  state(): ToWorker[] {
    return [
      { type: 'allow', peerIDs: this.#allowed },
      { type: 'serve', routes: this.#routes },
    ];
  }

  tunnels(provider: string): number {
    return this.#slots.filter((slot) => slot.tunnels.has(provider)).length;
  }

  /** Through every tunnel that visitors' requests may take. */
  async probe(route: HostRoute, backend: Backend, signal: AbortSignal): Promise<void> {
    const reached = this.#slots.filter((slot) => slot.tunnels.has(backend.provider));
    const question = { type: 'probe' as const, route, backend };
    const results = await Promise.allSettled(reached.map((slot) => slot.ask(question, signal)));
    // A tunnel that went with its worker is no longer one of them.
    const failed = results.find(
      (result) => result.status === 'rejected' && !(result.reason instanceof WorkerGone),
    );
    if (failed?.status === 'rejected') throw failed.reason;
    if (results.some(({ status }) => status === 'fulfilled')) return;
    throw new StatusError('ServiceUnavailable', 'the provider has no tunnel to this gateway', {
      cause: Reason.NotAnswering,
    });
  }

  traffic(host: string): Traffic {
    return this.#traffic.of(host);
  }

  /** A worker has counted so much more. */
  count(traffic: ReadonlyMap<string, Traffic>): void {
    for (const [host, more] of traffic) this.#traffic.add(host, more);
  }

  onTunnelChange(listener: (provider: string) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  tunnelChanged(provider: string): void {
    for (const listener of this.#listeners) listener(provider);
  }

  /** Workers that have a tunnel to somebody who carries this host. */
  reaching(host: string): WorkerSlot[] {
    const backends = this.#routes.find((route) => route.host === host)?.backends ?? [];
    return this.#slots.filter(({ tunnels }) => backends.some(({ provider }) => tunnels.has(provider)));
  }

  #tell(message: ToWorker): void {
    for (const slot of this.#slots) slot.send(message);
  }
}
