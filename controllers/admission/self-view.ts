import type { TrustedPeer } from '../../api/v1alpha1/types.ts';
import { toAmounts, type Usage } from './usage.ts';

/** What a peer is told of this machine. */
export interface Self {
  /** Of the containers that it runs; absent where it runs none. */
  platform?: string;
  agentVersion: string;
}

/**
 * A TrustedPeer as the peer itself is shown it: what it is granted and what it uses. Not the name,
 * labels, annotations and addresses that this machine's owner has written down for it.
 */
export function selfView(
  { apiVersion, kind, metadata, spec }: TrustedPeer,
  usage: Usage | undefined,
  self: Self,
): TrustedPeer {
  const { uid, resourceVersion, generation, creationTimestamp } = metadata;
  return {
    apiVersion,
    kind,
    metadata: { name: 'self', uid, resourceVersion, generation, creationTimestamp },
    spec: { peerID: spec.peerID, addresses: [], expiresAt: spec.expiresAt, grants: spec.grants },
    status: { ...self, usage: usage && toAmounts(usage) },
  };
}
