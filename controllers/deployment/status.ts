import type { ConditionInput } from '../../api/meta/condition.ts';
import type { ContainerStatus, DeploymentStatus } from '../../api/v1alpha1/deployment-status.ts';
import { Available, Ready, Reason } from '../../api/v1alpha1/reasons.ts';
import { conditionsOf, waitingFor } from './conditions.ts';
import { displayName } from './container.ts';
import { type Facts, factsOf, isReady, isUpdated, type StatusInput } from './facts.ts';
import type { ObservedContainer } from './observed.ts';
import { progressOf } from './progress.ts';
import { isoTime, type Replica } from './replica.ts';

/** The schema admits twice as much; a runtime's words may be longer. */
const MAX_MESSAGE = 2_000;

/** What the schema admits. */
const MAX_CONTAINERS = 2_000;

export interface StatusOutput {
  status: Omit<DeploymentStatus, 'conditions'>;
  conditions: ConditionInput[];
  /** When time alone will change the status, in milliseconds since the epoch. */
  wakeAt?: number;
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
    name: displayName(desired.deployment, run, false),
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
  const { ordinal, attempt, terminating } = container;
  const updated = isUpdated(desired, container);
  return {
    name: displayName(desired.deployment, container, !updated),
    ordinal,
    state: 'Running',
    ready: isReady(container),
    updated,
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

function clipped(condition: ConditionInput): ConditionInput {
  return { ...condition, message: condition.message.slice(0, MAX_MESSAGE) };
}
