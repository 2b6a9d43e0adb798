import type { TrustedPeer } from '../../api/v1alpha1/types.ts';
import type { AllowedPeer } from '../ports/transport.ts';

/** The peers the transport may talk to now. Two TrustedPeers of one peer ID add up their addresses. */
export function allowList(peers: Iterable<TrustedPeer>, now: number): AllowedPeer[] {
  const addresses = new Map<string, Set<string>>();
  for (const { metadata, spec } of peers) {
    if (metadata.deletionTimestamp || (spec.expiresAt !== undefined && Date.parse(spec.expiresAt) <= now))
      continue;
    const known = addresses.get(spec.peerID) ?? new Set();
    for (const address of spec.addresses) known.add(address);
    addresses.set(spec.peerID, known);
  }
  return [...addresses].map(([peerID, known]) => ({ peerID, addresses: [...known] }));
}

/** Milliseconds until the next peer's trust ends by itself, or undefined. */
export function nextExpiry(peers: Iterable<TrustedPeer>, now: number): number | undefined {
  const ends = [...peers].flatMap(({ spec }) =>
    spec.expiresAt === undefined ? [] : [Date.parse(spec.expiresAt)],
  );
  const ahead = ends.filter((end) => end > now);
  return ahead.length > 0 ? Math.min(...ahead) - now : undefined;
}
