import { findCondition } from '../../../api/meta/condition.ts';
import type { PeerStatus } from '../../../api/v1alpha1/deployment-status.ts';
import { Admitted, Ready, Synced } from '../../../api/v1alpha1/reasons.ts';
import type { Deployment } from '../../../api/v1alpha1/types.ts';

/** One step on the way to ready, as `peerctl apply` shows it. */
export interface Milestone {
  peer: string;
  word: string;
  detail: string;
}

/** States of a container that pass by themselves. */
const HARMLESS: readonly (string | undefined)[] = [undefined, 'Starting', 'Pulling', 'Created'];

/** What each peer has reached with the present spec, in order. Pure. */
export function milestones(deployment: Deployment, signer: string): Milestone[] {
  const { metadata, status } = deployment;
  // What was said of an older spec is not about this one.
  if ((status?.observedGeneration ?? 0) < metadata.generation) return [];
  return (status?.peers ?? []).flatMap((peer) => [
    ...delivery(peer, metadata.generation, signer),
    ...(peer.observedGeneration === metadata.generation ? running(deployment, peer) : []),
  ]);
}

function delivery(
  { name, deliveredGeneration, conditions }: PeerStatus,
  generation: number,
  signer: string,
): Milestone[] {
  if (deliveredGeneration === generation)
    return [{ peer: name, word: 'accepted', detail: `generation ${generation}, signed by ${signer}` }];
  const admitted = findCondition(conditions, Admitted);
  if (admitted?.status === 'False')
    return [{ peer: name, word: 'refused', detail: `${admitted.reason}: ${admitted.message}` }];
  const synced = findCondition(conditions, Synced);
  return synced?.status === 'False'
    ? [{ peer: name, word: 'waiting', detail: `${synced.reason}: ${synced.message}` }]
    : [];
}

function running({ spec, status }: Deployment, peer: PeerStatus): Milestone[] {
  const all = status?.containers ?? [];
  const containers = all.filter((container) => container.peer === peer.name && container.updated);
  const started = containers.filter(({ state }) => state === 'Running').map(({ name }) => name);
  const failing = containers.filter(({ ready, reason }) => !ready && !HARMLESS.includes(reason));
  const ready = findCondition(peer.conditions, Ready);
  const done = ready?.status === 'True';
  const stopped = spec.state === 'Stopped' && ready?.reason === 'Stopped';
  return [
    ...(started.length > 0 ? [{ peer: peer.name, word: 'started', detail: started.join(', ') }] : []),
    ...failing.map(({ name, reason, message }) => ({
      peer: peer.name,
      word: 'failing',
      detail: `${name}: ${reason}${message ? `: ${message}` : ''}`,
    })),
    ...(done
      ? [{ peer: peer.name, word: 'ready', detail: `${peer.readyReplicas}/${peer.desiredReplicas}` }]
      : []),
    ...(stopped ? [{ peer: peer.name, word: 'stopped', detail: '' }] : []),
  ];
}
