import { chainOf } from '../../agents/peerctl/status/chain.ts';
import type { Condition } from '../../api/meta/condition.ts';
import type { ContainerStatus } from '../../api/v1alpha1/deployment-status.ts';
import type { Deployment, TrustedPeer } from '../../api/v1alpha1/types.ts';
import { ALICE, deployment, trustedPeer } from './objects.ts';
import { readyStatus } from './peerctl-statuses.ts';

/** Three minutes after everything became as it is. */
export const NOW = Date.parse('2030-01-01T00:03:00Z');

/** What is not well with a Deployment on one peer. */
export interface Situation {
  spec?: object;
  /** Conditions of the copy on alice, in place of those of a ready one. */
  conditions?: Condition[];
  container?: Partial<ContainerStatus> | 'none';
  delivered?: boolean;
  peer?: Partial<TrustedPeer['spec']> | 'unknown';
  peerStatus?: TrustedPeer['status'];
  own?: Condition[];
}

/** The chain of a Deployment on one peer, all well but for what the situation says. */
export function chain({
  spec,
  conditions,
  container,
  delivered = true,
  peer,
  peerStatus,
  own,
}: Situation): string[] {
  const web = deployment('web', (spec ?? {}) as never, {
    generation: 2,
    lastApplied: { spec: {}, source: '/srv/web.yaml' },
  });
  const status = readyStatus(web) as unknown as NonNullable<Deployment['status']>;
  const [copy] = status.peers ?? [];
  if (copy && conditions) copy.conditions = conditions;
  if (copy && !delivered) copy.deliveredGeneration = 1;
  if (container === 'none') status.containers = [];
  else if (container && status.containers?.[0]) Object.assign(status.containers[0], container);
  if (own) status.conditions = own;
  const alice =
    peer === 'unknown'
      ? undefined
      : { ...trustedPeer('alice', ALICE, (peer ?? {}) as never), status: peerStatus };
  const links = chainOf({
    deployment: { ...web, status },
    peerName: 'alice',
    trustedPeer: alice as TrustedPeer | undefined,
    now: NOW,
  });
  return links.map(({ name, state, detail }) => [name, state, detail].filter(Boolean).join(' '));
}
