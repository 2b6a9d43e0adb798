import type { ConditionInput } from '../../api/meta/condition.ts';
import type { ContainerStatus, DeploymentStatus } from '../../api/v1alpha1/deployment-status.ts';
import { Available, Ready, Reason } from '../../api/v1alpha1/reasons.ts';
import type { Deployment } from '../../api/v1alpha1/types.ts';
import { conditionsOf, waitingFor } from './conditions.ts';
import { displayName } from './container.ts';
import type { Admission, Desired } from './desired.ts';
import type { Observed, ObservedContainer } from './observed.ts';
import { progressOf } from './progress.ts';
import { isoTime, type Replica, replicaOf } from './replica.ts';
import { isAlive, isAvailable, rolesOf } from './roles.ts';

/** The schema admits twice as much; a runtime's words may be longer. */
const MAX_MESSAGE = 2_000;

/** What the schema admits. */
const MAX_CONTAINERS = 2_000;

export interface StatusInput {
  deployment: Deployment;
  admission: Admission;
  desired: Desired;
  observed: Observed;
  /** Something waits for the image. */
  pulling: boolean;
  now: number;
}

export interface StatusOutput {
  status: Omit<DeploymentStatus, 'conditions'>;
  conditions: ConditionInput[];
  /** When time alone will change the status, in milliseconds since the epoch. */
  wakeAt?: number;
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

/** What the spec comes to at this moment. Pure: what it needs from earlier it finds in the status before. */
export function statusOf(input: StatusInput): StatusOutput {
  const facts = factsOf(input);
  const { condition, lastProgressTime, wakeAt } = progressOf({
    before: input.deployment.status,
    generation: input.deployment.metadata.generation,
    revision: input.desired.templateHash,
    counts: facts.counts,
    complete: facts.others.length === 0 && facts.replicas.every(({ trouble }) => trouble === 'None'),
    waiting: waitingFor(facts),
    deadlineMs: input.deployment.spec.progressDeadlineSeconds * 1000,
    now: input.now,
  });
  const status = {
    observedGeneration: input.deployment.metadata.generation,
    ...facts.counts,
    revision: input.desired.templateHash,
    lastProgressTime,
    containers: containersOf(facts).slice(0, MAX_CONTAINERS),
  };
  return { status, conditions: conditionsOf(facts, condition).map(clipped), wakeAt };
}

/** While the runtime does not answer: what was seen last stays, and nobody claims that it still holds. */
export function unobservedConditions(message: string): ConditionInput[] {
  const unknown = { status: 'Unknown', reason: Reason.RuntimeUnavailable, message } as const;
  return [Available, Ready].map((type) => clipped({ type, ...unknown }));
}

function factsOf(input: StatusInput): Facts {
  const { deployment, desired, observed, now } = input;
  const { slots, outdated, surplus } = rolesOf(desired, observed.containers);
  const before = deployment.status?.containers ?? [];
  const replicas = slots.map((slot) => replicaOf({ desired, observed, before, now }, slot));
  const others = [...outdated, ...surplus];
  return { ...input, replicas, others, counts: { ...countsOf(desired, observed, now), pull: pullOf(input) } };
}

function countsOf(desired: Desired, { containers }: Observed, now: number): Omit<Facts['counts'], 'pull'> {
  const alive = containers.filter(isAlive);
  return {
    replicas: alive.length,
    updatedReplicas: alive.filter(({ templateHash }) => templateHash === desired.templateHash).length,
    readyReplicas: alive.filter(isReady).length,
    availableReplicas: alive.filter((container) => isAvailable(desired, container, now)).length,
  };
}

function pullOf({ pulling, desired, observed: { image } }: StatusInput): DeploymentStatus['pull'] {
  if (!pulling || image.state !== 'Pulling' || !image.progress) return undefined;
  const { currentBytes, totalBytes } = image.progress;
  return { image: desired.container.image, current: currentBytes, total: totalBytes };
}

/** Every replica that is wanted and every other that is alive; one that waits for its turn is shown by the one it replaces. */
function containersOf(facts: Facts): ContainerStatus[] {
  const replaced = new Set(facts.others.map(({ ordinal }) => ordinal));
  const shown = facts.replicas.filter(
    ({ slot, trouble }) => slot.current || trouble === 'Failing' || !replaced.has(slot.ordinal),
  );
  const statuses = [
    ...shown.map((replica) => replicaStatus(facts, replica)),
    ...facts.others.map((other) => otherStatus(facts, other)),
  ];
  return statuses.sort((a, b) => a.ordinal - b.ordinal || Number(b.updated) - Number(a.updated));
}

function replicaStatus(
  { desired }: Facts,
  { slot, state, reason, message, exitCode }: Replica,
): ContainerStatus {
  const { ordinal, current, nextAttempt } = slot;
  const run = { ordinal, templateHash: desired.templateHash, attempt: current?.attempt ?? nextAttempt };
  return {
    name: displayName(desired.deployment, run, desired.templateHash),
    ordinal,
    state,
    ready: current !== undefined && isReady(current),
    updated: true,
    restarts: run.attempt,
    reason,
    message: message?.slice(0, MAX_MESSAGE),
    exitCode,
    ...seen(current),
  };
}

function otherStatus({ desired }: Facts, container: ObservedContainer): ContainerStatus {
  const { ordinal, attempt, terminating, templateHash } = container;
  return {
    name: displayName(desired.deployment, container, desired.templateHash),
    ordinal,
    state: 'Running',
    ready: isReady(container),
    updated: templateHash === desired.templateHash,
    restarts: attempt,
    reason: terminating ? Reason.Terminating : undefined,
    ...seen(container),
  };
}

function seen(
  container: ObservedContainer | undefined,
): Pick<ContainerStatus, 'startedAt' | 'ports' | 'image'> {
  const { startedAt, ports = [], image } = container ?? {};
  return { startedAt: isoTime(startedAt), ports: ports.length > 0 ? ports : undefined, image };
}

function isReady(container: ObservedContainer): boolean {
  return isAlive(container) && !container.terminating && container.health.ready && !container.health.failed;
}

function clipped(condition: ConditionInput): ConditionInput {
  return { ...condition, message: condition.message.slice(0, MAX_MESSAGE) };
}
