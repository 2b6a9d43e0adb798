import { findCondition } from '../../../api/meta/condition.ts';
import { Ready } from '../../../api/v1alpha1/reasons.ts';
import type { HostReservation, Route } from '../../../api/v1alpha1/types.ts';
import type { Column } from './column.ts';

const NONE = '<none>';

export const ROUTE_COLUMNS: readonly Column<Route>[] = [
  { name: 'HOST', value: ({ status }) => status?.host ?? NONE },
  { name: 'DEPLOYMENT', value: ({ spec }) => `${spec.deployment.namespace}/${spec.deployment.name}` },
  { name: 'FOR', value: ({ spec }, { nameOf }) => nameOf(spec.owner) },
  { name: 'STATUS', value: (route, { deleted }) => (deleted ? 'Deleted' : routeStatus(route)) },
  { name: 'REQUESTS', value: ({ status }) => String(status?.traffic?.requests ?? NONE) },
  { name: 'ERRORS', value: ({ status }) => String(status?.traffic?.errors ?? NONE) },
  { name: 'PORT', value: ({ spec }) => String(spec.expose.port), wide: true },
  { name: 'PROTOCOL', value: ({ spec }) => spec.expose.protocol, wide: true },
];

export const HOST_RESERVATION_COLUMNS: readonly Column<HostReservation>[] = [
  { name: 'FOR', value: ({ spec }, { nameOf }) => nameOf(spec.owner) },
  { name: 'DEPLOYMENT', value: ({ spec }) => `${spec.deployment.namespace}/${spec.deployment.name}` },
];

/** One word for how a Route is served. */
export function routeStatus({ metadata, status }: Route): string {
  if (metadata.deletionTimestamp) return 'Terminating';
  return findCondition(status?.conditions, Ready)?.reason ?? 'Pending';
}
