import { join } from 'node:path';
import { AdmittedStore } from '../../controllers/admission/admitted-store.ts';
import { findTrusted } from '../../controllers/admission/authorize.ts';
import { RouteAdmission } from '../../controllers/admission/route-admission.ts';
import { Informer } from '../../controllers/core/informer.ts';
import { Manager } from '../../controllers/core/manager.ts';
import type { Certificates } from '../../controllers/ports/certificates.ts';
import type { Clock } from '../../controllers/ports/clock.ts';
import type { HostProofs } from '../../controllers/ports/host-proofs.ts';
import type { Logger } from '../../controllers/ports/logger.ts';
import type { Metrics } from '../../controllers/ports/metrics.ts';
import type { Router } from '../../controllers/ports/router.ts';
import type { Store } from '../../controllers/ports/store.ts';
import type { Transport } from '../../controllers/ports/transport.ts';
import { routeController } from '../../controllers/route/route-controller.ts';
import { keepAllowList } from '../../controllers/trusted-peer/keep-allow-list.ts';
import { trustedPeerController } from '../../controllers/trusted-peer/trusted-peer-controller.ts';
import type { Identity } from '../adapters/identity/identity.ts';
import { ExposureVerifier } from '../adapters/rpc/exposure-verifier.ts';
import { ReplayGuard } from '../adapters/rpc/replay-guard.ts';
import { FileReplayLog } from '../adapters/rpc/replay-log.ts';
import { StoreServer } from '../adapters/rpc/store-server.ts';
import { VERSION } from '../adapters/system/version.ts';
import type { Options } from './options.ts';

/** The world as the gateway sees it; a test gives its own. */
export interface World {
  store: Store;
  transport: Transport;
  router: Router;
  certificates: Certificates;
  hostProofs: HostProofs;
  identity: Identity;
  clock: Clock;
  logger: Logger;
  metrics: Metrics;
  /** Writes the public address of a host name. */
  urlOf(host: string): string;
}

/** Puts the gateway's control plane together. Starts nothing but the list of whom it may talk to. */
export function assemble(
  world: World,
  options: Pick<Options, 'domain' | 'stateDirectory'>,
  signal: AbortSignal,
): Manager {
  const { store, transport, router, identity, clock, logger } = world;
  const routes = new Informer(world, { kind: 'Route' });
  const trustedPeers = new Informer(world, { kind: 'TrustedPeer' });
  const doors = {
    allow: (peers: Parameters<Transport['allow']>[0]) => {
      transport.allow(peers);
      router.allow(new Set(peers.map(({ peerID }) => peerID)));
    },
  };
  keepAllowList({ trustedPeers, transport: doors, clock }, signal);

  const admission = new RouteAdmission({
    clock,
    trustedPeers: () => trustedPeers.list(),
    routes: () => routes.list(),
  });
  const self = { agentVersion: VERSION };
  const storeFor = (caller: string) => new AdmittedStore({ store, admission, self }, { caller });
  const log = new FileReplayLog({ file: join(options.stateDirectory, 'replay.log') });
  const replayGuard = new ReplayGuard({ clock, logger, log });
  const storeServer = new StoreServer(
    { transport, identity, clock, logger, replayGuard, storeFor },
    { version: VERSION },
  );

  const trusted = (peerID: string) => findTrusted(trustedPeers.list(), peerID, clock.now());
  const route = routeController(
    { ...world, routes, trustedPeers, trusted, verifier: new ExposureVerifier() },
    { domain: options.domain, urlOf: world.urlOf },
  );
  return new Manager(world, {
    informers: [routes, trustedPeers],
    controllers: [route, trustedPeerController({ ...world, trustedPeers })],
    runnables: [replayGuard, storeServer],
  });
}
