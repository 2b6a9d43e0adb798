import type { Condition } from '../../api/meta/condition.ts';
import type { Json } from '../../api/meta/merge-patch.ts';
import type { DeploymentStatus } from '../../api/v1alpha1/deployment-status.ts';
import type { Deployment } from '../../api/v1alpha1/types.ts';

const SINCE = '2030-01-01T00:00:00.000Z';

export function condition(
  type: string,
  status: Condition['status'],
  reason: string,
  message = 'a message',
): Condition {
  return { type, status, reason, message, lastTransitionTime: SINCE };
}

/** The status of a Deployment whose peers have done all that it asks; `Stopped` ones have removed everything. */
export function readyStatus({ metadata, spec }: Deployment): { [key: string]: Json } {
  const running = spec.state === 'Running' ? spec.replicas : 0;
  const share = Math.ceil(running / spec.placement.peers.length);
  const ready =
    spec.state === 'Running'
      ? condition('Ready', 'True', 'Ready', 'every replica is ready')
      : condition('Ready', 'False', 'Stopped', 'it is stopped');
  const conditions = [
    condition('Admitted', 'True', 'Accepted'),
    ready,
    condition('Synced', 'True', 'Delivered'),
  ];
  const status: DeploymentStatus = {
    observedGeneration: metadata.generation,
    ...counts(running),
    peers: spec.placement.peers.map((name) => ({
      name,
      ...counts(share),
      desiredReplicas: share,
      observedGeneration: metadata.generation,
      deliveredGeneration: metadata.generation,
      lastContact: SINCE,
      conditions,
    })),
    containers: spec.placement.peers.flatMap((peer) =>
      Array.from({ length: share }, (_, ordinal) => ({
        name: `${metadata.name}-${ordinal}`,
        peer,
        ordinal,
        state: 'Running' as const,
        ready: true,
        updated: true,
        restarts: 0,
        startedAt: SINCE,
        image: 'nginx@sha256:0123',
      })),
    ),
    conditions,
  };
  return status as unknown as { [key: string]: Json };
}

/** The status of a Deployment that a peer does not run, with a condition that says why. */
export function failedStatus(
  { metadata, spec }: Deployment,
  type: string,
  reason: string,
  message: string,
): { [key: string]: Json } {
  const conditions = [
    condition(type, 'False', reason, message),
    condition('Ready', 'False', reason, message),
  ];
  const peers = spec.placement.peers.map((name) => ({ name, ...counts(0), desiredReplicas: 1, conditions }));
  return { observedGeneration: metadata.generation, ...counts(0), peers, conditions } as unknown as {
    [key: string]: Json;
  };
}

function counts(replicas: number) {
  return { replicas, updatedReplicas: replicas, readyReplicas: replicas, availableReplicas: replicas };
}
