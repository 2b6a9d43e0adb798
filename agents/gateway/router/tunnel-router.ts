import { StatusError } from '../../../api/meta/status-error.ts';
import { Reason } from '../../../api/v1alpha1/reasons.ts';
import { deadline } from '../../../controllers/core/abort.ts';
import type { Clock } from '../../../controllers/ports/clock.ts';
import type {
  Backend,
  HostRoute,
  Router,
  Traffic,
  TunnelEndpoint,
} from '../../../controllers/ports/router.ts';
import { TunnelError } from '../../adapters/transport/tunnel/tunnel.ts';
import type { Guard } from '../access/guard.ts';
import { Guards } from '../access/guards.ts';
import type { Refusal, Upstream } from '../ingress/http1/upstream.ts';
import { openStream } from './open-stream.ts';
import { probeStream } from './probe.ts';
import { stayingWith } from './session-upstream.ts';
import { TrafficCounts } from './traffic.ts';
import type { TunnelTable } from './tunnels.ts';
import { type TunnelUpstream, upstreamsOf } from './upstreams.ts';

export interface TunnelRouterComponents {
  tunnels: TunnelTable;
  clock: Clock;
}

/** A container on the other side of the world that has just woken up answers within this time, in milliseconds. */
const PROBE_TIMEOUT_MS = 10_000;

const NOT_FOUND: Refusal = { status: 404, reason: 'nothing is served under this name' };
const AWAY: Refusal = {
  status: 503,
  reason: 'the application is away for the moment',
  retryAfterSeconds: 10,
};

/** What a host name leads to. */
interface Served {
  upstreams: TunnelUpstream[];
  /** Visitors stay with the replica that they got first. */
  isSticky: boolean;
}

/** Takes requests by their host name into the tunnel of a provider that has a replica. */
export class TunnelRouter implements Router {
  #port = 0;
  readonly #components: TunnelRouterComponents;
  readonly #served = new Map<string, Served>();
  readonly #guards: Guards;
  readonly #traffic = new TrafficCounts();
  #allowed: ReadonlySet<string> = new Set();

  constructor(components: TunnelRouterComponents) {
    this.#components = components;
    this.#guards = new Guards(components);
  }

  /** Where tunnels are accepted: on the port of visitors, told apart by what they speak. */
  get endpoint(): TunnelEndpoint {
    return { port: this.#port, workers: 1 };
  }

  listensOn(port: number): void {
    this.#port = port;
  }

  serve(routes: readonly HostRoute[]): void {
    this.#guards.update(routes);
    const hosts = new Set(routes.map(({ host }) => host));
    this.#traffic.keep(hosts);
    for (const host of this.#served.keys()) if (!hosts.has(host)) this.#served.delete(host);
    for (const route of routes) {
      const siblings = () => this.#served.get(route.host)?.upstreams ?? [];
      const upstreams = upstreamsOf({ ...this.#components, siblings }, route);
      this.#served.set(route.host, { upstreams, isSticky: route.sessionAffinity === 'Cookie' });
    }
  }

  allow(peerIDs: ReadonlySet<string>): void {
    this.#allowed = peerIDs;
    this.#components.tunnels.retain(peerIDs);
  }

  isAllowed(peerID: string): boolean {
    return this.#allowed.has(peerID);
  }

  tunnels(provider: string): number {
    return this.#components.tunnels.get(provider) ? 1 : 0;
  }

  onTunnelChange(listener: (provider: string) => void): () => void {
    return this.#components.tunnels.onChange(listener);
  }

  async probe(route: HostRoute, backend: Backend, signal: AbortSignal): Promise<void> {
    const overdue = () =>
      new StatusError('Timeout', `the container did not answer within ${PROBE_TIMEOUT_MS / 1000} s`, {
        cause: Reason.NotAnswering,
      });
    const limit = deadline(this.#components.clock, signal, PROBE_TIMEOUT_MS, overdue);
    try {
      const stream = await openStream(this.#components.tunnels, backend, limit.signal);
      const giveUp = () => stream.destroy(limit.signal.reason);
      limit.signal.addEventListener('abort', giveUp);
      await probeStream(stream, route).finally(() => stream.destroy());
    } catch (error) {
      throw toStatusError(limit.signal.aborted ? limit.signal.reason : error);
    } finally {
      limit.release();
    }
  }

  traffic(host: string): Traffic {
    return this.#traffic.of(host);
  }

  /** A request for a host is over. */
  count(host: string, failed: boolean): void {
    this.#traffic.count(host, failed);
  }

  /** The access rules of a host name. */
  guardOf(host: string): Guard | undefined {
    return this.#guards.of(host);
  }

  /**
   * Where a request for a host goes: to where the one before it went, or else to the replica with the least to do; or, by
   * the session that `shown` answers, to the replica of that.
   */
  find(
    host: string,
    current: Upstream | undefined,
    shown: () => string | undefined = () => undefined,
  ): Upstream | Refusal {
    const { upstreams, isSticky } = this.#served.get(host) ?? {};
    if (!upstreams) return NOT_FOUND;
    if (isSticky) return stayingWith(reachable(upstreams), current, shown()) ?? AWAY;
    if (current && upstreams.some((one) => one.key === current.key && one.isUp && !one.isShunned))
      return current;
    const up = upstreams.filter(({ isUp }) => isUp);
    return up.sort(leastFirst)[0] ?? AWAY;
  }
}

/** Those that could not be reached a moment ago only where there are no others. */
function reachable(upstreams: readonly TunnelUpstream[]): TunnelUpstream[] {
  const up = upstreams.filter(({ isUp }) => isUp);
  const others = up.filter(({ isShunned }) => !isShunned);
  return others.length > 0 ? others : up;
}

function leastFirst(a: TunnelUpstream, b: TunnelUpstream): number {
  return Number(a.isShunned) - Number(b.isShunned) || a.connections - b.connections;
}

/** Every reason of the wire in a condition's words. */
function toStatusError(error: unknown): StatusError {
  if (error instanceof StatusError) return error;
  const { reason, message } =
    error instanceof TunnelError ? error : { reason: 'InternalError', message: String(error) };
  const said: Record<string, string> = {
    NoRoute: 'the provider does not run it any more',
    NotReady: 'no replica is ready',
    ConnectFailed: 'the container does not accept connections on this port',
  };
  return new StatusError('ServiceUnavailable', said[reason] ?? message, { cause: Reason.NotAnswering });
}
