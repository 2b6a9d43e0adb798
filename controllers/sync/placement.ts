import type { ObjectMeta } from '../../api/meta/object.ts';
import type { DeploymentSpec } from '../../api/v1alpha1/deployment.ts';
import type { Deployment } from '../../api/v1alpha1/types.ts';

/** As much of a Deployment, stored or not, as decides where it runs. */
type Placed = Pick<Deployment, 'spec'> & { metadata: Pick<ObjectMeta, 'name' | 'deletionTimestamp'> };

/**
 * What each peer is asked to run: the same spec with its own share of the replicas and no word of the
 * other peers. Shares differ by one at most; the first peers take what is left over.
 */
export function copies({ metadata, spec }: Placed): Map<string, DeploymentSpec> {
  if (metadata.deletionTimestamp) return new Map();
  const { peers } = spec.placement;
  const least = Math.floor(spec.replicas / peers.length);
  const extra = spec.replicas % peers.length;
  return new Map(peers.map((peer, index) => [peer, copyFor(spec, peer, least + (index < extra ? 1 : 0))]));
}

/** Peers that were given a copy earlier and must not keep it. */
export function leaving({ metadata, spec, status }: Deployment): string[] {
  const known = (status?.peers ?? []).map(({ name }) => name);
  if (metadata.deletionTimestamp) return [...new Set([...known, ...spec.placement.peers])];
  return known.filter((name) => !spec.placement.peers.includes(name));
}

function copyFor(spec: DeploymentSpec, peer: string, replicas: number): DeploymentSpec {
  return { ...spec, placement: { peers: [peer] }, replicas };
}
