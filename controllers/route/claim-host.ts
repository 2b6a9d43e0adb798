import { API_VERSION } from '../../api/kinds.ts';
import type { HostReservation, Route } from '../../api/v1alpha1/types.ts';
import type { Store } from '../ports/store.ts';
import { alternativeHost } from './host.ts';

/**
 * Gives Routes the host names that they ask for, and keeps each for its owner: across reconnects, restarts and
 * withdrawals, until the owner of the gateway deletes the reservation.
 */
export class HostClaims {
  readonly #store: Store;
  #turn: Promise<unknown> = Promise.resolve();

  constructor({ store }: { store: Store }) {
    this.#store = store;
  }

  /** Undefined when somebody else holds it. One at a time: two must not both find the same name free. */
  claim(route: Route, wanted: string): Promise<string | undefined> {
    const turn = this.#turn.then(() => claimHost(this.#store, route, wanted));
    this.#turn = turn.catch(() => undefined); // Its own caller is told; the next one need not know.
    return turn;
  }
}

async function claimHost(store: Store, route: Route, wanted: string): Promise<string | undefined> {
  const { host } = route.spec.expose;
  if (host !== undefined) return (await claim(store, route, host)) ? host : undefined;
  // What was generated once stays, whatever the owner is called here by now.
  const held = await findHeld(store, route, wanted);
  if (held !== undefined) return held;
  const alternative = alternativeHost(wanted, route.spec);
  for (const candidate of [wanted, alternative]) if (await claim(store, route, candidate)) return candidate;
  return undefined;
}

async function findHeld(store: Store, route: Route, wanted: string): Promise<string | undefined> {
  const domain = domainOf(wanted);
  const { items } = await store.list('HostReservation');
  const held = items.filter(
    (reservation) => domainOf(reservation.metadata.name) === domain && isHolder(reservation, route),
  );
  return held.find(({ spec }) => spec.generated)?.metadata.name;
}

async function claim(store: Store, route: Route, host: string): Promise<boolean> {
  const known = await store.get({ kind: 'HostReservation', name: host });
  if (known) return isHolder(known, route);
  const { owner, deployment, expose } = route.spec;
  const { namespace, name } = deployment;
  await store.apply({
    apiVersion: API_VERSION,
    kind: 'HostReservation',
    metadata: { name: host },
    spec: { owner, deployment: { namespace, name }, generated: expose.host === undefined },
  });
  return true;
}

/** Replicas of one Deployment on several peers share its host name. */
function isHolder({ spec }: HostReservation, { spec: { owner, deployment } }: Route): boolean {
  return (
    spec.owner === owner &&
    spec.deployment.namespace === deployment.namespace &&
    spec.deployment.name === deployment.name
  );
}

function domainOf(host: string): string {
  return host.slice(host.indexOf('.') + 1);
}
