import { Informer } from '../../../controllers/core/informer.ts';
import { Manager } from '../../../controllers/core/manager.ts';
import type { Metrics } from '../../../controllers/ports/metrics.ts';
import type { Store } from '../../../controllers/ports/store.ts';
import { syncControllers } from '../../../controllers/sync/controllers.ts';
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
  const controllers = syncControllers({ ...components, deployments, trustedPeers });
  const manager = new Manager(network, { informers: [deployments, trustedPeers], controllers });
  return { manager, ended: manager.start(signal) };
}
