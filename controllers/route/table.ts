import { formatKey, keyOf, type ObjectKey } from '../../api/meta/object.ts';
import type { Route } from '../../api/v1alpha1/types.ts';
import type { Backend, HostRoute } from '../ports/router.ts';

/** A Route that is served, and under which name. */
export interface Served {
  host: string;
  route: Route;
}

/** What the gateway serves: every Route that was accepted. */
export class RouteTable {
  readonly #served = new Map<string, Served>();

  /** True when that changes anything for anyone. */
  set(host: string, route: Route): boolean {
    const key = formatKey(keyOf(route));
    const known = this.#served.get(key);
    this.#served.set(key, { host, route });
    return known?.host !== host || known.route.metadata.generation !== route.metadata.generation;
  }

  delete(key: ObjectKey<'Route'>): boolean {
    return this.#served.delete(formatKey(key));
  }

  hosts(): Set<string> {
    return new Set([...this.#served.values()].map(({ host }) => host));
  }

  /** By host name. Replicas on several peers share one; what differs is taken from the newest Deployment. */
  routes(): HostRoute[] {
    const byHost = Map.groupBy(this.#served.values(), ({ host }) => host);
    return [...byHost].map(([host, served]) => {
      const routes = served.map(({ route }) => route).sort(newestFirst);
      const { protocol = 'HTTP', sessionAffinity, access } = routes[0]?.spec.expose ?? {};
      return { host, protocol, sessionAffinity, access, backends: routes.map(backendOf) };
    });
  }

  /** The Routes under a host name. */
  keysOf(host: string): ObjectKey<'Route'>[] {
    return this.#keys((served) => served.host === host);
  }

  /** The Routes that a provider carries. */
  keysFrom(provider: string): ObjectKey<'Route'>[] {
    return this.#keys(({ route }) => route.metadata.owner === provider);
  }

  #keys(isMeant: (served: Served) => boolean): ObjectKey<'Route'>[] {
    const meant = [...this.#served.values()].filter(isMeant);
    return meant.map(({ route }) => keyOf(route) as ObjectKey<'Route'>);
  }
}

export function backendOf({ metadata, spec }: Route): Backend {
  return { provider: metadata.owner ?? '', target: { owner: spec.owner, uid: spec.deployment.uid } };
}

function newestFirst(a: Route, b: Route): number {
  return b.spec.deployment.generation - a.spec.deployment.generation;
}
