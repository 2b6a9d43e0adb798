import type { ObjectKey } from '../../api/meta/object.ts';
import type { Route, TrustedPeer } from '../../api/v1alpha1/types.ts';
import { ended } from '../core/abort.ts';
import { Controller, type ControllerComponents } from '../core/controller.ts';
import type { Informer } from '../core/informer.ts';
import { informerSource, objectSource, type Source } from '../core/source.ts';
import { StatusWriter } from '../core/status-writer.ts';
import type { Certificates } from '../ports/certificates.ts';
import type { HostProofs } from '../ports/host-proofs.ts';
import type { Router } from '../ports/router.ts';
import type { Store } from '../ports/store.ts';
import type { RouteVerifier } from '../ports/verifier.ts';
import { HostClaims } from './claim-host.ts';
import { HostProver } from './host-prover.ts';
import { type RouteInit, RouteReconciler } from './reconciler.ts';
import { RouteTable } from './table.ts';
import { TrafficSamples } from './traffic-samples.ts';

export interface RouteControllerComponents extends ControllerComponents {
  store: Store;
  routes: Informer<'Route'>;
  trustedPeers: Informer<'TrustedPeer'>;
  router: Router;
  certificates: Certificates;
  verifier: RouteVerifier;
  hostProofs: HostProofs;
  /** Neither expired nor being deleted. */
  trusted(peerID: string): TrustedPeer | undefined;
}

/** A Route is looked at when it changes, and when its provider's tunnel, its certificate or whom we trust does. */
export function routeController(
  components: RouteControllerComponents,
  init: RouteInit & { domain: string },
): Controller<'Route'> {
  const { routes, trustedPeers, router, certificates } = components;
  const { domain } = init;
  const prover = new HostProver(components, init);
  const claims = new HostClaims(components);
  const table = new RouteTable();
  const traffic = new TrafficSamples(components);
  const status = new StatusWriter(components);
  return new Controller<'Route'>(components, {
    name: 'route',
    reconciler: new RouteReconciler({ ...components, domain, prover, claims, table, traffic, status }, init),
    // Most of the time they wait for containers to answer.
    workers: 16,
    sources: [
      objectSource(routes),
      informerSource(trustedPeers, ({ spec }) => keysAbout(routes.list(), spec.peerID)),
      hintedBy((listener) => router.onTunnelChange((provider) => listener(table.keysFrom(provider)))),
      hintedBy((listener) => certificates.onChange((host) => listener(table.keysOf(host)))),
    ],
  });
}

/** The Routes that a peer carries or has asked for. */
function keysAbout(routes: readonly Route[], peerID: string): ObjectKey<'Route'>[] {
  const meant = routes.filter(({ metadata, spec }) => metadata.owner === peerID || spec.owner === peerID);
  return meant.map(({ kind, metadata: { owner, namespace, name } }) => ({ kind, owner, namespace, name }));
}

/** The keys that a subscription names. */
function hintedBy(
  subscribe: (listener: (keys: readonly ObjectKey<'Route'>[]) => void) => () => void,
): Source<'Route'> {
  return {
    start: (enqueue, signal) => {
      const remove = subscribe((keys) => {
        for (const key of keys) enqueue(key);
      });
      return ended(signal).finally(remove);
    },
  };
}
