import type { Container } from '../../api/v1alpha1/container.ts';
import { type DeploymentSpec, resolveShare } from '../../api/v1alpha1/deployment.ts';
import type { Deployment } from '../../api/v1alpha1/types.ts';
import { templateHash } from './container.ts';

/** Whether a Deployment may run here, and what becomes of its containers where it may not. */
export type Admission =
  | { allowed: true }
  | { allowed: false; containers: 'Keep' | 'Remove'; reason: string; message: string };

/** What a spec comes to on this machine. */
export interface Desired {
  deployment: string;
  /** 0 as well while it is halted. */
  replicas: number;
  /** Why none may run, for a person; undefined while they may, however many are wanted. */
  halted: string | undefined;
  templateHash: string;
  /** How many containers may live above `replicas` during an update. */
  maxSurge: number;
  /** How many replicas may be missing during an update. */
  maxUnavailable: number;
  /** Every container of an earlier template ends before the first of this one begins. */
  recreate: boolean;
  minReadySeconds: number;
  gracePeriodSeconds: number;
  container: Container;
  /** Touch nothing: nobody vouches for what the spec says. */
  frozen: boolean;
}

export function desiredOf(deployment: Deployment, admission: Admission): Desired {
  const { metadata, spec } = deployment;
  const { terminationGracePeriodSeconds, containers } = spec.template.spec;
  const deleting = metadata.deletionTimestamp !== undefined;
  const halted = whyHalted(deployment, admission);
  const replicas = halted === undefined ? spec.replicas : 0;
  return {
    deployment: metadata.name,
    replicas,
    halted,
    templateHash: templateHash(spec.template),
    ...budget(spec.strategy, replicas),
    minReadySeconds: spec.minReadySeconds,
    gracePeriodSeconds:
      (deleting ? metadata.deletionGracePeriodSeconds : undefined) ?? terminationGracePeriodSeconds,
    container: onlyContainer(containers),
    frozen: !deleting && !admission.allowed && admission.containers === 'Keep',
  };
}

function whyHalted({ metadata, spec }: Deployment, admission: Admission): string | undefined {
  if (metadata.deletionTimestamp !== undefined) return 'the Deployment was deleted';
  if (!admission.allowed) return 'its owner may not run it here any more';
  return spec.state === 'Stopped' ? 'the Deployment was stopped' : undefined;
}

function budget(
  strategy: DeploymentSpec['strategy'],
  replicas: number,
): Pick<Desired, 'maxSurge' | 'maxUnavailable' | 'recreate'> {
  if (strategy.type === 'Recreate') return { maxSurge: 0, maxUnavailable: replicas, recreate: true };
  const maxSurge = resolveShare(strategy.rollingUpdate.maxSurge, replicas, 'up');
  const maxUnavailable = resolveShare(strategy.rollingUpdate.maxUnavailable, replicas, 'down');
  // Percentages of a small number can both come to 0, and nothing could ever be replaced.
  return {
    maxSurge,
    maxUnavailable: maxSurge === 0 ? Math.max(1, maxUnavailable) : maxUnavailable,
    recreate: false,
  };
}

/** The schema admits exactly one container per replica. */
function onlyContainer([first]: readonly Container[]): Container {
  if (!first) throw new RangeError('the template has no container');
  return first;
}
