import type { Router } from '../../../controllers/ports/router.ts';
import type { Channel } from '../../../controllers/ports/transport.ts';
import type { VisitorLimitsInit } from '../access/visitor-limits.ts';
import type { Counters } from '../ingress/http1/observer.ts';

/** What its owner decides about the edge; it can be told to another process. */
export interface EdgeInit {
  /** Address that visitors and tunnels come in at. */
  listen: string;
  httpsPort: number;
  httpPort: number;
  /** Domain that tenants share. */
  domain: string;
  maxBodyBytes: number;
  visitorLimits: VisitorLimitsInit;
  hstsSeconds: number | undefined;
  /** TLS is ended by a proxy of the owner's. */
  behindProxy: boolean;
}

/**
 * Everything that bytes of visitors pass through, in this process or in several. The control plane says what to serve,
 * and sees nothing of a request.
 */
export interface DataPlane {
  readonly router: Router;
  /** As they are once it has started. */
  readonly httpsPort: number;
  readonly httpPort: number;
  readonly counters: Counters;
  /** Tunnels that are up. */
  readonly tunnelCount: number;
  /** Resolves when visitors are let in; the signal lets in no more of them. Rejects when a port is taken. */
  start(signal: AbortSignal): Promise<void>;
  /** Makes a tunnel of a channel, for a provider that reaches us no other way. Rejects when it may not have one. */
  acceptChannel(channel: Channel, slot: number): Promise<void>;
  /** Resolves after the signal, when those inside have left or were sent away. */
  readonly ended: Promise<void>;
}
