import { Controller, type ControllerComponents } from '../core/controller.ts';
import type { Informer } from '../core/informer.ts';
import { informerSource, objectSource } from '../core/source.ts';
import { StatusWriter } from '../core/status-writer.ts';
import type { Peers } from '../ports/peers.ts';
import type { Store } from '../ports/store.ts';
import { EventMirror } from './event-mirror.ts';
import { keysOf, Mirrors } from './mirrors.ts';
import { SyncReconciler } from './reconciler.ts';

export interface SyncControllerComponents extends ControllerComponents {
  store: Store;
  peers: Peers;
  deployments: Informer<'Deployment'>;
  trustedPeers: Informer<'TrustedPeer'>;
}

/** Enough that a few peers that do not answer, 10 s each, hold up nobody else. */
const WORKERS = 16;

/** Developer: one controller for the Deployments, one for what peers tell of them. */
export function syncControllers(
  components: SyncControllerComponents,
): [Controller<'Deployment'>, Controller<'Event'>] {
  const mirrors = new Mirrors(components);
  const reconciler = new EventMirror({ ...components, peers: mirrors });
  const events = new Controller<'Event'>(components, {
    name: 'event-mirror',
    reconciler,
    sources: [mirrors.events],
    workers: 1,
  });
  return [deploymentSync(components, mirrors), events];
}

/** A Deployment is looked at when it changes, when a TrustedPeer it names does, and when a peer's copy does. */
function deploymentSync(components: SyncControllerComponents, mirrors: Mirrors): Controller<'Deployment'> {
  const { store, deployments, trustedPeers, clock } = components;
  const status = new StatusWriter({ store, clock });
  return new Controller<'Deployment'>(components, {
    name: 'sync',
    workers: WORKERS,
    reconciler: new SyncReconciler({ store, trustedPeers, mirrors, status, clock }),
    sources: [
      objectSource(deployments),
      informerSource(trustedPeers, ({ metadata }) => keysOf(deployments.list(), metadata.name)),
      mirrors,
    ],
  });
}
