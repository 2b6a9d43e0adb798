import type { TunnelTarget } from '../../api/protocol/tunnel-target.ts';
import type { Expose } from '../../api/v1alpha1/expose.ts';

/** One provider's replicas of a Deployment. */
export interface Backend {
  /** Peer ID that the other end of the tunnel has proven. */
  provider: string;
  /** What is asked for in the tunnel: the Deployment that this owner signed. */
  target: Omit<TunnelTarget, 'session'>;
}

/** What answers the requests for a host name. */
export interface HostRoute {
  host: string;
  protocol: Expose['protocol'];
  /** Default: None. */
  sessionAffinity?: Expose['sessionAffinity'];
  /** Who is let in. Default: everybody. */
  access?: Expose['access'];
  backends: readonly Backend[];
}

/** Where a provider is to dial. */
export interface TunnelEndpoint {
  port: number;
  /** How many tunnels of one provider carry everything. */
  workers: number;
}

/** What has gone through a host name since the gateway started, or since it is served. */
export interface Traffic {
  requests: number;
  /** Of these, whose container could not be reached or broke off: the gateway had to answer itself (502, 503, 504), or to cut off. */
  errors: number;
}

/** Takes requests from anywhere to containers on peers. */
export interface Router {
  readonly endpoint: TunnelEndpoint;
  /** Replaces what is served. Connections of hosts that stay are left alone. */
  serve(routes: readonly HostRoute[]): void;
  /** Replaces who may hold a tunnel, by peer ID; those of others are closed. */
  allow(peerIDs: ReadonlySet<string>): void;
  /** How many of a provider's tunnels are up, of as many as its endpoint has workers. One is enough to be reached. */
  tunnels(provider: string): number;
  /** Sends a request the way that a visitor's goes. @throws StatusError that names the link that is broken. */
  probe(route: HostRoute, backend: Backend, signal: AbortSignal): Promise<void>;
  /** Zeros for a host name that is not served. Answers from memory. */
  traffic(host: string): Traffic;
  /** Calls back with a peer ID when its tunnels come up or go down; the returned function unsubscribes. */
  onTunnelChange(listener: (provider: string) => void): () => void;
}
