import type { DeploymentStatus } from '../../api/v1alpha1/deployment-status.ts';
import type { Deployment } from '../../api/v1alpha1/types.ts';
import type { Admission, Desired } from './desired.ts';
import type { Observed, ObservedContainer } from './observed.ts';
import { type Replica, replicaOf } from './replica.ts';
import { isAlive, isAvailable, rolesOf } from './roles.ts';

export interface StatusInput {
  deployment: Deployment;
  admission: Admission;
  desired: Desired;
  observed: Observed;
  /** Something waits for the image. */
  pulling: boolean;
  now: number;
}

/** What is known once every container has its place. */
export interface Facts extends StatusInput {
  replicas: readonly Replica[];
  /** Alive beside the wanted replicas: of an earlier template, or too many. */
  others: readonly ObservedContainer[];
  counts: Pick<
    DeploymentStatus,
    'replicas' | 'updatedReplicas' | 'readyReplicas' | 'availableReplicas' | 'pull'
  >;
}

export function factsOf(input: StatusInput): Facts {
  const { deployment, desired, observed, now } = input;
  const { slots, outdated, surplus } = rolesOf(desired, observed.containers);
  const updated = (deployment.status?.containers ?? []).filter((container) => container.updated);
  const before = new Map(updated.map((container) => [container.ordinal, container]));
  const replicas = slots.map((slot) => replicaOf({ desired, observed, before, now }, slot));
  const others = [...outdated, ...surplus];
  return { ...input, replicas, others, counts: { ...countsOf(desired, observed, now), pull: pullOf(input) } };
}

function countsOf(desired: Desired, { containers }: Observed, now: number): Omit<Facts['counts'], 'pull'> {
  const alive = containers.filter(isAlive);
  return {
    replicas: alive.length,
    updatedReplicas: alive.filter((container) => isUpdated(desired, container)).length,
    readyReplicas: alive.filter(isReady).length,
    availableReplicas: alive.filter((container) => isAvailable(desired, container, now)).length,
  };
}

function pullOf({ pulling, desired, observed: { image } }: StatusInput): DeploymentStatus['pull'] {
  if (!pulling || image.state !== 'Pulling' || !image.progress) return undefined;
  const { currentBytes, totalBytes } = image.progress;
  return { image: desired.container.image, current: currentBytes, total: totalBytes };
}

export function isReady(container: ObservedContainer): boolean {
  return isAlive(container) && !container.terminating && container.health.ready && !container.health.failed;
}

/** It is just what the spec asks for. */
export function isUpdated(desired: Desired, { templateHash, drifted }: ObservedContainer): boolean {
  return templateHash === desired.templateHash && !drifted;
}
