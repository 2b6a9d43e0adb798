import { type Kind, kindInfo } from '../../../api/kinds.ts';
import type { ObjectOf } from '../../../api/v1alpha1/types.ts';
import { age } from './age.ts';
import type { Column, View } from './column.ts';
import { DEPLOYMENT_COLUMNS } from './deployment-columns.ts';
import { EVENT_COLUMNS } from './event-columns.ts';
import { HOST_RESERVATION_COLUMNS, ROUTE_COLUMNS } from './route-columns.ts';
import { TRUSTED_PEER_COLUMNS } from './trusted-peer-columns.ts';

export interface ColumnOptions {
  wide: boolean;
  /** Over several namespaces: say which. */
  namespaces: boolean;
  /** Among guests' objects: say whose. */
  owners: boolean;
  /** Among several kinds: `deployment/web`. */
  prefixed: boolean;
}

const COLUMNS: { [K in Kind]: readonly Column<ObjectOf<K>>[] } = {
  Deployment: DEPLOYMENT_COLUMNS,
  TrustedPeer: TRUSTED_PEER_COLUMNS,
  Route: ROUTE_COLUMNS,
  HostReservation: HOST_RESERVATION_COLUMNS,
  Event: EVENT_COLUMNS,
};

/** The columns of a kind's table. */
export function columnsOf<K extends Kind>(kind: K, options: ColumnOptions): Column<ObjectOf<K>>[] {
  const { singular, namespaced } = kindInfo(kind);
  const columns: Column<ObjectOf<K>>[] = [];
  if (options.namespaces && namespaced)
    columns.push({ name: 'NAMESPACE', value: ({ metadata }) => metadata.namespace ?? '' });
  if (options.owners && namespaced)
    columns.push({ name: 'OWNER', value: ({ metadata }, view) => ownerOf(metadata.owner, view) });
  if (kind !== 'Event')
    columns.push({
      name: 'NAME',
      value: ({ metadata }) => (options.prefixed ? `${singular}/${metadata.name}` : metadata.name),
    });
  columns.push(...COLUMNS[kind].filter(({ wide }) => options.wide || !wide));
  if (kind !== 'Event')
    columns.push({ name: 'AGE', value: ({ metadata }, { now }) => age(metadata.creationTimestamp, now) });
  return columns;
}

function ownerOf(owner: string | undefined, view: View): string {
  return owner === undefined ? '<none>' : view.nameOf(owner);
}
