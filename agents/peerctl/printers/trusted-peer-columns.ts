import { findCondition } from '../../../api/meta/condition.ts';
import { Connected } from '../../../api/v1alpha1/reasons.ts';
import type { TrustedPeerSpec } from '../../../api/v1alpha1/trusted-peer.ts';
import type { TrustedPeer } from '../../../api/v1alpha1/types.ts';
import { age } from './age.ts';
import { type Column, shortID } from './column.ts';

const NONE = '<none>';

export const TRUSTED_PEER_COLUMNS: readonly Column<TrustedPeer>[] = [
  { name: 'PEER-ID', value: ({ spec }) => shortID(spec.peerID) },
  { name: 'MAY', value: ({ spec }) => grantNames(spec.grants).join(',') || NONE },
  { name: 'STATUS', value: (peer, { now, deleted }) => (deleted ? 'Deleted' : trustedPeerStatus(peer, now)) },
  {
    name: 'LAST-SEEN',
    value: ({ status }, { now }) => (status?.lastSeen ? `${age(status.lastSeen, now)} ago` : '<never>'),
  },
  { name: 'PLATFORM', value: ({ status }) => status?.platform ?? '<unknown>', wide: true },
  { name: 'VERSION', value: ({ status }) => status?.agentVersion ?? '<unknown>', wide: true },
  { name: 'EXPIRES', value: ({ spec }) => spec.expiresAt ?? '<never>', wide: true },
  { name: 'ADDRESSES', value: ({ spec }) => spec.addresses.join(',') || NONE, wide: true },
  { name: 'FULL-ID', value: ({ spec }) => spec.peerID, wide: true },
];

/** What a peer may do here, in the words of `peers add --allow`. */
export function grantNames({ deploy, logs, expose, relay }: TrustedPeerSpec['grants']): string[] {
  return Object.entries({ deploy, logs, expose, relay }).flatMap(([name, grant]) => (grant ? [name] : []));
}

/** One word for how we stand with a peer. */
export function trustedPeerStatus({ metadata, spec, status }: TrustedPeer, now: number): string {
  if (metadata.deletionTimestamp) return 'Terminating';
  if (spec.expiresAt !== undefined && Date.parse(spec.expiresAt) <= now) return 'Expired';
  const connected = findCondition(status?.conditions, Connected);
  if (!connected) return 'Unknown';
  return connected.reason;
}
