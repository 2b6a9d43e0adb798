import { type ConditionInput, findCondition } from '../../api/meta/condition.ts';
import type { ContainerStatus, DeploymentStatus } from '../../api/v1alpha1/deployment-status.ts';
import type { EventSpec } from '../../api/v1alpha1/event.ts';
import { Admitted, Progressing, Reason } from '../../api/v1alpha1/reasons.ts';
import type { ImageState } from './observed.ts';

/** What an Event says. */
export type Occurrence = Pick<EventSpec, 'type' | 'reason' | 'note'>;

/** Reasons of events; programs compare them. Kubernetes' words where it has one. */
export const Occurred = {
  Pulled: 'Pulled',
  Started: 'Started',
  Killing: 'Killing',
  BackOff: 'BackOff',
  Unhealthy: 'Unhealthy',
  Failed: 'Failed',
} as const;

interface After {
  containers: readonly ContainerStatus[];
  conditions: readonly ConditionInput[];
  /** Of the image that something waits for. */
  image: ImageState | undefined;
}

/** What has become worth telling between two statuses. Nothing when they are equal, so a settled object is silent. */
export function transitionsOf(before: DeploymentStatus | undefined, after: After): Occurrence[] {
  const replicas = new Map((before?.containers ?? []).map((container) => [replicaOf(container), container]));
  return [
    ...after.containers.flatMap((container) =>
      containerChange(replicas.get(replicaOf(container)), container),
    ),
    ...imageChange(before, after),
    ...[Admitted, Progressing].flatMap((type) => turnedFalse(before, after, type)),
  ];
}

function replicaOf({ ordinal, updated }: ContainerStatus): string {
  return `${ordinal}/${updated}`;
}

function containerChange(before: ContainerStatus | undefined, container: ContainerStatus): Occurrence[] {
  const { name, state, reason, message = '', exitCode, restarts } = container;
  const news = reason !== before?.reason || state !== before?.state || restarts !== before.restarts;
  if (!news || message === '') return [];
  const note = `${name}: ${message}`;
  if (state === 'Running')
    return reason === Reason.ProbeFailed ? [{ type: 'Warning', reason: Occurred.Unhealthy, note }] : [];
  return exitCode === undefined ? [] : [{ type: 'Warning', reason: Occurred.BackOff, note }];
}

function imageChange(before: DeploymentStatus | undefined, { image }: After): Occurrence[] {
  if (image?.state !== 'Failed') return [];
  const known = before?.conditions?.some(({ reason }) => reason === image.reason);
  return known ? [] : [{ type: 'Warning', reason: Occurred.Failed, note: image.message }];
}

function turnedFalse(
  before: DeploymentStatus | undefined,
  { conditions }: After,
  type: string,
): Occurrence[] {
  const condition = conditions.find((candidate) => candidate.type === type);
  const earlier = findCondition(before?.conditions, type);
  if (condition?.status !== 'False' || earlier?.reason === condition.reason) return [];
  return [{ type: 'Warning', reason: condition.reason, note: condition.message }];
}
