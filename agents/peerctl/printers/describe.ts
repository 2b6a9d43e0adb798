import type { Condition } from '../../../api/meta/condition.ts';
import type {
  AnyObject,
  Deployment,
  Event,
  HostReservation,
  Route,
  TrustedPeer,
} from '../../../api/v1alpha1/types.ts';
import { age } from './age.ts';
import { type Block, pairs } from './blocks.ts';
import { describeDeployment } from './describe-deployment.ts';
import { describeHostReservation, describeRoute } from './describe-route.ts';
import { describeTrustedPeer } from './describe-trusted-peer.ts';
import { lastSeen } from './event-columns.ts';

/** Everything a person may want to know of an object, its events last. */
export function describe(object: AnyObject, events: readonly Event[], now: number): Block[] {
  const conditions: readonly Condition[] = object.status?.conditions ?? [];
  return [
    { fields: metadata(object, now) },
    ...own(object, now),
    {
      heading: 'Conditions',
      columns: ['TYPE', 'STATUS', 'REASON', 'SINCE', 'MESSAGE'],
      rows: conditions.map(({ type, status, reason, message, lastTransitionTime }) => [
        type,
        status,
        reason,
        age(lastTransitionTime, now),
        message,
      ]),
    },
    ...(object.kind === 'Event' ? [] : [eventBlock(events, now)]),
  ];
}

function own(object: AnyObject, now: number): Block[] {
  if (object.kind === 'Deployment') return describeDeployment(object as Deployment, now);
  if (object.kind === 'TrustedPeer') return describeTrustedPeer(object as TrustedPeer, now);
  if (object.kind === 'Route') return describeRoute(object as Route);
  if (object.kind === 'HostReservation') return describeHostReservation(object as HostReservation);
  const { regarding, reason, note } = (object as Event).spec;
  return [
    {
      fields: [
        ['Regarding', `${regarding.kind.toLowerCase()}/${regarding.name}`],
        ['Reason', reason],
        ['Note', note],
      ],
    },
  ];
}

function metadata({ kind, metadata }: AnyObject, now: number): [string, string | string[]][] {
  const { name, namespace, owner, labels, annotations, creationTimestamp, deletionTimestamp } = metadata;
  return [
    ['Kind', kind],
    ['Name', name],
    ...(namespace === undefined ? [] : [['Namespace', namespace] as [string, string]]),
    ...(owner === undefined ? [] : [['Owner', owner] as [string, string]]),
    ['Labels', pairs(labels)],
    ['Annotations', pairs(annotations)],
    ['Created', `${creationTimestamp} (${age(creationTimestamp, now)} ago)`],
    ...(deletionTimestamp === undefined
      ? []
      : [['Deleted', `${deletionTimestamp} (${age(deletionTimestamp, now)} ago)`] as [string, string]]),
  ];
}

function eventBlock(events: readonly Event[], now: number): Block {
  return {
    heading: 'Events',
    columns: ['LAST SEEN', 'TYPE', 'REASON', 'MESSAGE'],
    rows: events.map(({ spec }) => [lastSeen(spec, now), spec.type, spec.reason, spec.note]),
  };
}
