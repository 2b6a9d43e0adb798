import { join } from 'node:path';
import type { Deployment, TrustedPeer } from '../../api/v1alpha1/types.ts';
import { Admission } from '../../controllers/admission/admission.ts';
import { AdmittedStore } from '../../controllers/admission/admitted-store.ts';
import { Ledger } from '../../controllers/admission/ledger.ts';
import { toAmounts } from '../../controllers/admission/usage.ts';
import { EventRecorder } from '../../controllers/core/event-recorder.ts';
import { Informer } from '../../controllers/core/informer.ts';
import { Manager } from '../../controllers/core/manager.ts';
import { informerSource } from '../../controllers/core/source.ts';
import { FINALIZER } from '../../controllers/deployment/act.ts';
import { deploymentController } from '../../controllers/deployment/controller.ts';
import { exposureController } from '../../controllers/exposure/exposure-controller.ts';
import type { Clock } from '../../controllers/ports/clock.ts';
import type { Logger } from '../../controllers/ports/logger.ts';
import type { Metrics } from '../../controllers/ports/metrics.ts';
import type { Runtime, RuntimeInfo } from '../../controllers/ports/runtime.ts';
import type { Store } from '../../controllers/ports/store.ts';
import type { Transport } from '../../controllers/ports/transport.ts';
import { keepAllowList } from '../../controllers/trusted-peer/keep-allow-list.ts';
import { trustedPeerController } from '../../controllers/trusted-peer/trusted-peer-controller.ts';
import type { Identity } from '../adapters/identity/identity.ts';
import { LogServer } from '../adapters/rpc/log-server.ts';
import { RemotePeers } from '../adapters/rpc/remote-peers.ts';
import { ReplayGuard } from '../adapters/rpc/replay-guard.ts';
import { FileReplayLog } from '../adapters/rpc/replay-log.ts';
import { SpecVerifier } from '../adapters/rpc/spec-verifier.ts';
import { StoreServer } from '../adapters/rpc/store-server.ts';
import { VERSION } from '../adapters/system/version.ts';
import { TunnelDialer } from '../adapters/transport/tunnel/dialer.ts';
import { openLogs } from './logs.ts';
import type { Options } from './options.ts';
import { followUsage, keysOwnedBy } from './ownership.ts';
import { answerStreams } from './tunnels/answer-stream.ts';
import { Endpoints } from './tunnels/endpoints.ts';
import { GatewayTunnels } from './tunnels/gateway-tunnels.ts';

/** The world as the agent sees it; a test gives its own. */
export interface World {
  store: Store;
  runtime: Runtime;
  transport: Transport;
  identity: Identity;
  clock: Clock;
  logger: Logger;
  metrics: Metrics;
  /** What the machine can offer, as far as it could be asked. */
  machine: Pick<RuntimeInfo, 'platform'>;
}

/** Puts the agent together. Starts nothing but the list of whom the transport may talk to. */
export function assemble(
  world: World,
  options: Pick<Options, 'ceiling' | 'stateDirectory'>,
  signal: AbortSignal,
): Manager {
  const { store, transport, identity, clock, logger, machine } = world;
  const deployments = new Informer(world, { kind: 'Deployment' });
  const trustedPeers = new Informer(world, { kind: 'TrustedPeer' });
  keepAllowList({ trustedPeers, transport, clock }, signal);

  const ledger = new Ledger();
  followUsage(deployments, ledger);
  const admission = new Admission(
    { clock, ledger, trustedPeers: () => trustedPeers.list() },
    { ceiling: options.ceiling },
  );
  const self = { platform: machine.platform, agentVersion: VERSION };
  const finalizers = [FINALIZER];
  const storeFor = (caller: string) => new AdmittedStore({ store, admission, self }, { caller, finalizers });

  const replayGuard = new ReplayGuard({
    clock,
    logger,
    log: new FileReplayLog({ file: join(options.stateDirectory, 'replay.log') }),
  });
  const rpc = { transport, identity, clock, logger, replayGuard };
  const storeServer = new StoreServer({ ...rpc, storeFor }, { version: VERSION });
  const open: ConstructorParameters<typeof LogServer>[0]['open'] = (owner, query, ending) =>
    openLogs({ ...world, deployments, admission }, owner, query, ending);
  const logServer = new LogServer({ ...rpc, open }, { version: VERSION });

  const guests = informerSource(trustedPeers, ({ spec }: TrustedPeer) =>
    keysOwnedBy(deployments.list(), spec.peerID),
  );
  const isAllowed = (object: Deployment) => admission.authorize(object).allowed;
  const recorder = new EventRecorder(world);
  const deployment = deploymentController(
    {
      ...world,
      deployments,
      verifier: new SpecVerifier({ identity }),
      authorize: (object) => admission.authorize(object),
      recorder: recorder.for('deployment'),
    },
    { sources: [guests] },
  );
  const endpoints = new Endpoints({ deployments, isAllowed });
  const dialer = new TunnelDialer(world, { onStream: answerStreams(endpoints) });
  const tunnels = new GatewayTunnels({ ...world, dialer, trustedPeers: () => trustedPeers.list() });
  const exposure = exposureController(
    { ...world, deployments, trustedPeers, isAllowed, tunnels, peers: new RemotePeers(world) },
    { sources: [guests] },
  );
  const usage = (peerID: string) => toAmounts(admission.usage(peerID));
  const trustedPeer = trustedPeerController({ ...world, trustedPeers, usage });

  return new Manager(world, {
    informers: [deployments, trustedPeers],
    controllers: [deployment.controller, exposure, trustedPeer],
    runnables: [replayGuard, storeServer, logServer, recorder, tunnels, ...deployment.runnables],
  });
}
