import { createHash } from 'node:crypto';
import { API_VERSION } from '../../api/kinds.ts';
import type { ObjectKey } from '../../api/meta/object.ts';
import type { Deployment, Route } from '../../api/v1alpha1/types.ts';
import type { Applicable } from '../ports/store.ts';

/** Route of a Deployment on a gateway. Two owners may both have `default/web`, so the owner is part of the name. */
export function routeKey({ owner = '', namespace, name }: Omit<ObjectKey, 'kind'>): ObjectKey<'Route'> {
  const hash = createHash('sha256').update(owner).digest('hex').slice(0, 8);
  return { kind: 'Route', namespace, name: `${name}.${hash}` };
}

/** What a gateway is asked to serve; undefined for a Deployment that is not exposed, or not there by its name. */
export function desiredRoute(deployment: Deployment, gateway: string): Applicable<'Route'> | undefined {
  const {
    owner,
    namespace = 'default',
    name,
    uid,
    generation,
    signature,
    deletionTimestamp,
  } = deployment.metadata;
  const { expose } = deployment.spec;
  if (!expose || deletionTimestamp || !owner || !signature) return undefined;
  if (expose.gateway !== undefined && expose.gateway !== gateway) return undefined;
  return {
    apiVersion: API_VERSION,
    kind: 'Route',
    metadata: { namespace, name: routeKey(deployment.metadata).name, uid, generation },
    spec: { owner, deployment: { namespace, name, uid, generation }, expose, envelope: signature },
  };
}

/** Whether a gateway has what it should: a signature that was only renewed says nothing new. */
export function isCurrent(route: Route | undefined, desired: Applicable<'Route'> | undefined): boolean {
  if (!route || !desired) return route === desired;
  if (route.metadata.deletionTimestamp) return false;
  const { uid, generation } = route.spec.deployment;
  return uid === desired.spec.deployment.uid && generation === desired.spec.deployment.generation;
}
