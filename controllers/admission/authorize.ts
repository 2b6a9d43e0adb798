import { StatusError } from '../../api/meta/status-error.ts';
import { Reason } from '../../api/v1alpha1/reasons.ts';
import type { DeployGrant, Grants } from '../../api/v1alpha1/trusted-peer.ts';
import type { TrustedPeer } from '../../api/v1alpha1/types.ts';

/** Whom we trust under this peer ID: neither expired nor being deleted. */
export function findTrusted(
  peers: Iterable<TrustedPeer>,
  peerID: string,
  now: number,
): TrustedPeer | undefined {
  return known(peers, peerID).find(({ spec }) => !isExpired(spec.expiresAt, now));
}

/** Who the caller is here. @throws StatusError `Forbidden` when it is nobody, or no longer somebody. */
export function requireTrusted(peers: Iterable<TrustedPeer>, peerID: string, now: number): TrustedPeer {
  const all = [...peers];
  const peer = findTrusted(all, peerID, now);
  if (peer) return peer;
  const [expired] = known(all, peerID);
  if (expired) {
    throw forbidden(
      Reason.Expired,
      `trust in ${peerID} ended at ${expired.spec.expiresAt}; its owner can renew it with a later expiresAt`,
    );
  }
  throw forbidden(
    Reason.NotTrustedByPeer,
    `${peerID} is not trusted here; its owner can run "peerctl peers add ${peerID}"`,
  );
}

function known(peers: Iterable<TrustedPeer>, peerID: string): TrustedPeer[] {
  return [...peers].filter(({ spec, metadata }) => spec.peerID === peerID && !metadata.deletionTimestamp);
}

/** What the caller may deploy. @throws StatusError `Forbidden` when it may not. */
export function requireDeploy({ spec }: TrustedPeer): DeployGrant {
  if (spec.grants.deploy) return spec.grants.deploy;
  throw notGranted('deploy');
}

/** @throws StatusError `Forbidden` when the grant is not given. */
export function requireGrant({ spec }: TrustedPeer, grant: Exclude<keyof Grants, 'deploy'>): void {
  if (!spec.grants[grant]) throw notGranted(grant);
}

export function isExpired(expiresAt: string | undefined, now: number): boolean {
  return expiresAt !== undefined && Date.parse(expiresAt) <= now;
}

export function forbidden(cause: string, message: string, field?: string): StatusError {
  return new StatusError('Forbidden', message, field ? { cause, field } : { cause });
}

function notGranted(grant: keyof Grants): StatusError {
  return forbidden(
    Reason.NotGranted,
    `you have no "${grant}" grant here; ask the machine's owner to add it to your TrustedPeer`,
  );
}
