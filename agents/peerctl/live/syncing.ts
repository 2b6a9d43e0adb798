import { Informer } from '../../../controllers/core/informer.ts';
import { Manager } from '../../../controllers/core/manager.ts';
import type { Metrics } from '../../../controllers/ports/metrics.ts';
import type { Store } from '../../../controllers/ports/store.ts';
import { newSyncController } from '../../../controllers/sync/sync-controller.ts';
import { keepAllowList } from '../../../controllers/trusted-peer/keep-allow-list.ts';
import type { Network } from './network.ts';

/** A command is no place to scrape. */
const noMetrics: Metrics = { increment() {}, set() {}, observe() {} };

/** Carries specs out and statuses in until the signal ends: the same controllers in one command as in `sync --watch`. */
export function startSyncing(
  store: Store,
  network: Network,
  signal: AbortSignal,
): { manager: Manager; ended: Promise<void> } {
  const components = { ...network, store, metrics: noMetrics };
  const deployments = new Informer(components, { kind: 'Deployment', options: { owner: '' } });
  const trustedPeers = new Informer(components, { kind: 'TrustedPeer' });
  keepAllowList({ ...network, trustedPeers }, signal);
  const controller = newSyncController({ ...components, deployments, trustedPeers });
  const manager = new Manager(network, { informers: [deployments, trustedPeers], controllers: [controller] });
  return { manager, ended: manager.start(signal) };
}
