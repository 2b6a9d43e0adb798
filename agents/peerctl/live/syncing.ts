import { keyOf, type ObjectKey } from '../../../api/meta/object.ts';
import { Informer } from '../../../controllers/core/informer.ts';
import { Manager } from '../../../controllers/core/manager.ts';
import { StatusWriter } from '../../../controllers/core/status-writer.ts';
import type { Metrics } from '../../../controllers/ports/metrics.ts';
import type { Store } from '../../../controllers/ports/store.ts';
import { syncControllers } from '../../../controllers/sync/controllers.ts';
import { keepAllowList } from '../../../controllers/trusted-peer/keep-allow-list.ts';
import { TrustedPeerReconciler } from '../../../controllers/trusted-peer/reconciler.ts';
import { trustedPeerController } from '../../../controllers/trusted-peer/trusted-peer-controller.ts';
import type { Network } from './network.ts';

/** A command is no place to scrape. */
const noMetrics: Metrics = { increment() {}, set() {}, observe() {} };

export interface Syncing {
  manager: Manager;
  /** Resolves when the signal has ended and everything is written down. */
  ended: Promise<void>;
}

/** Carries specs out and statuses in until the signal ends: the same controllers in one command as in `sync --watch`. */
export function startSyncing(store: Store, network: Network, signal: AbortSignal): Syncing {
  const components = { ...network, store, metrics: noMetrics };
  const deployments = new Informer(components, { kind: 'Deployment', options: { owner: '' } });
  const trustedPeers = new Informer(components, { kind: 'TrustedPeer' });
  keepAllowList({ ...network, trustedPeers }, signal);
  const controllers = [
    ...syncControllers({ ...components, deployments, trustedPeers }),
    trustedPeerController({ ...components, trustedPeers }),
  ];
  const manager = new Manager(network, { informers: [deployments, trustedPeers], controllers });
  const ended = manager.start(signal).then(() => sayGoodbye(store, network, trustedPeers));
  return { manager, ended };
}

/** With us the connections end: without this the last status would claim them until the next command. */
async function sayGoodbye(
  store: Store,
  { clock }: Network,
  trustedPeers: Informer<'TrustedPeer'>,
): Promise<void> {
  const transport = { connections: () => [] };
  const reconciler = new TrustedPeerReconciler({
    store,
    transport,
    clock,
    status: new StatusWriter({ store, clock }),
  });
  const keys = trustedPeers.list().map((peer) => keyOf(peer) as ObjectKey<'TrustedPeer'>);
  await Promise.all(keys.map((key) => reconciler.reconcile(key)));
}
