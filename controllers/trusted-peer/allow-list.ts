import { ROLE_LABEL } from '../../api/v1alpha1/roles.ts';
import type { TrustedPeer } from '../../api/v1alpha1/types.ts';
import type { AllowedPeer } from '../ports/transport.ts';

/** The peers the transport may talk to now. Two TrustedPeers of one peer ID add up. */
export function allowList(peers: Iterable<TrustedPeer>, now: number): AllowedPeer[] {
  const allowed = new Map<string, AllowedPeer>();
  for (const { metadata, spec } of peers) {
    if (metadata.deletionTimestamp || (spec.expiresAt !== undefined && Date.parse(spec.expiresAt) <= now))
      continue;
    const { peerID, addresses, grants } = spec;
    const known = allowed.get(peerID) ?? { peerID, addresses: [] };
    allowed.set(peerID, {
      peerID,
      addresses: [...new Set([...known.addresses, ...addresses])],
      ...((known.gateway || metadata.labels?.[ROLE_LABEL] === 'gateway') && { gateway: true }),
      ...((known.relay || grants.relay) && { relay: true }),
    });
  }
  return [...allowed.values()];
}

/** Milliseconds until the next peer's trust ends by itself, or undefined. */
export function nextExpiry(peers: Iterable<TrustedPeer>, now: number): number | undefined {
  const ends = [...peers].flatMap(({ spec }) =>
    spec.expiresAt === undefined ? [] : [Date.parse(spec.expiresAt)],
  );
  const ahead = ends.filter((end) => end > now);
  return ahead.length > 0 ? Math.min(...ahead) - now : undefined;
}
