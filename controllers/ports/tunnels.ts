import type { TunnelEndpoint } from './router.ts';

/** A gateway that a provider is to be reachable through. */
export interface Gateway extends TunnelEndpoint {
  peerID: string;
}

/** The tunnels that a provider opens outwards. */
export interface Tunnels {
  /** Replaces the gateways to which tunnels are kept up; those to others are closed. */
  keep(gateways: readonly Gateway[]): void;
}
