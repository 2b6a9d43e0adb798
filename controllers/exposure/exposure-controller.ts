import type { Deployment } from '../../api/v1alpha1/types.ts';
import { Controller, type ControllerComponents } from '../core/controller.ts';
import { objectSource, type Source } from '../core/source.ts';
import { StatusWriter } from '../core/status-writer.ts';
import type { Store } from '../ports/store.ts';
import { Gateways, type GatewaysComponents } from './gateways.ts';
import { ExposureReconciler } from './reconciler.ts';

export interface ExposureControllerComponents extends ControllerComponents, GatewaysComponents {
  store: Store;
  /** Whether its owner may still run it here. */
  isAllowed(deployment: Deployment): boolean;
}

/** A Deployment is looked at when it changes, when its Route on a gateway does, and when a gateway comes or goes. */
export function exposureController(
  components: ExposureControllerComponents,
  init: { sources?: readonly Source<'Deployment'>[] } = {},
): Controller<'Deployment'> {
  const gateways = new Gateways(components);
  const status = new StatusWriter(components);
  return new Controller<'Deployment'>(components, {
    name: 'exposure',
    reconciler: new ExposureReconciler({ ...components, gateways, status }),
    sources: [objectSource(components.deployments), gateways, ...(init.sources ?? [])],
  });
}
