import type { Kind } from '../kinds.ts';
import type { ApiObject, Manifest, ObjectStatus } from '../meta/object.ts';
import type { DeploymentSpec } from './deployment.ts';
import type { DeploymentStatus } from './deployment-status.ts';
import type { EventSpec } from './event.ts';
import type { HostReservationSpec, RouteSpec, RouteStatus } from './route.ts';
import type { TrustedPeerSpec, TrustedPeerStatus } from './trusted-peer.ts';

export type Deployment = ApiObject<'Deployment', DeploymentSpec, DeploymentStatus>;
export type TrustedPeer = ApiObject<'TrustedPeer', TrustedPeerSpec, TrustedPeerStatus>;
export type Route = ApiObject<'Route', RouteSpec, RouteStatus>;
export type HostReservation = ApiObject<'HostReservation', HostReservationSpec, ObjectStatus>;
export type Event = ApiObject<'Event', EventSpec, ObjectStatus>;

interface Objects {
  Deployment: Deployment;
  TrustedPeer: TrustedPeer;
  Route: Route;
  HostReservation: HostReservation;
  Event: Event;
}

/** The object type of a kind: `ObjectOf<'Deployment'>` is {@link Deployment}. */
export type ObjectOf<K extends Kind> = Objects[K];

export type AnyObject = ObjectOf<Kind>;

/** The manifest type of a kind. */
export type ManifestOf<K extends Kind> = Manifest<K, ObjectOf<K>['spec']>;
