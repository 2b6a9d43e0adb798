import type { PeerStatus } from '../../../api/v1alpha1/deployment-status.ts';
import type { Deployment } from '../../../api/v1alpha1/types.ts';
import { type Facts, type Finding, LINKS } from './links.ts';

/** One link of the chain from a manifest to a container that answers. */
export interface Link extends Finding {
  name: (typeof LINKS)[number][0];
}

export type ChainInput = Omit<Facts, 'peer' | 'containers'>;

/** Every link as far as the first that does not hold; those behind it are unknown. Pure. */
export function chainOf(input: ChainInput): Link[] {
  const { deployment, peerName } = input;
  const containers = (deployment.status?.containers ?? []).filter(
    (container) => container.updated && (container.peer ?? peerName) === peerName,
  );
  const facts: Facts = { ...input, containers, peer: copyOn(deployment, peerName) };
  let holds = true;
  return LINKS.filter(([name]) => name !== 'tunnel' || deployment.spec.expose).map(([name, look]) => {
    const finding: Finding = holds ? look(facts) : { state: 'unknown', detail: '' };
    holds &&= finding.state === 'ok';
    return { name, ...finding };
  });
}

/** What the status says of one peer; of a guest's Deployment, which runs here, the whole status does. */
function copyOn({ metadata, spec, status }: Deployment, peerName: string): PeerStatus | undefined {
  if (metadata.owner === undefined || !status) return status?.peers?.find(({ name }) => name === peerName);
  return {
    ...status,
    name: peerName,
    desiredReplicas: spec.replicas,
    deliveredGeneration: metadata.generation,
  };
}
