/** What there is, without how it is validated: a command that only reads loads no schema. */
export const API_GROUP = 'peercompute.dev';
export const API_VERSION = `${API_GROUP}/v1alpha1`;

export interface KindInfo {
  kind: Kind;
  plural: string;
  singular: string;
  shortNames: readonly string[];
  namespaced: boolean;
  /** Written by machines only and allowed to be lost with the power: not synced to disk at once. */
  ephemeral?: boolean;
}

export type Kind = 'Deployment' | 'TrustedPeer' | 'Route' | 'HostReservation' | 'Event';

export const KINDS: readonly KindInfo[] = [
  {
    kind: 'Deployment',
    plural: 'deployments',
    singular: 'deployment',
    shortNames: ['deploy', 'dep'],
    namespaced: true,
  },
  {
    kind: 'TrustedPeer',
    plural: 'trustedpeers',
    singular: 'trustedpeer',
    shortNames: ['peer', 'peers', 'tp'],
    namespaced: false,
  },
  {
    kind: 'Route',
    plural: 'routes',
    singular: 'route',
    shortNames: ['rt'],
    namespaced: true,
  },
  {
    kind: 'HostReservation',
    plural: 'hostreservations',
    singular: 'hostreservation',
    shortNames: ['host', 'hosts'],
    namespaced: false,
  },
  {
    kind: 'Event',
    plural: 'events',
    singular: 'event',
    shortNames: ['ev'],
    namespaced: true,
    ephemeral: true,
  },
];

export function kindInfo(kind: Kind): KindInfo {
  const info = KINDS.find((candidate) => candidate.kind === kind);
  if (!info) throw new RangeError(`unknown kind ${kind}`);
  return info;
}

/** Resolves what a person types: `Deployment`, `deployments`, `deploy`, ... */
export function findKind(word: string): KindInfo | undefined {
  const lower = word.toLowerCase();
  return KINDS.find(({ plural, singular, shortNames }) => [plural, singular, ...shortNames].includes(lower));
}
