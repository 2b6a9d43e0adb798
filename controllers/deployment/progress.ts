import { type ConditionInput, findCondition } from '../../api/meta/condition.ts';
import type { DeploymentStatus } from '../../api/v1alpha1/deployment-status.ts';
import { Progressing, Reason } from '../../api/v1alpha1/reasons.ts';
import { isoTime } from './replica.ts';

type Counts = Pick<DeploymentStatus, 'replicas' | 'updatedReplicas' | 'availableReplicas' | 'pull'>;

export interface Situation {
  /** The status before this one. */
  before: DeploymentStatus | undefined;
  generation: number;
  revision: string;
  counts: Counts;
  /** Every wanted replica runs the current template and is available, and nothing else runs. */
  complete: boolean;
  /** What it waits for at present. */
  waiting: { reason: string; message: string };
  deadlineMs: number;
  now: number;
}

export interface Progress {
  condition: ConditionInput;
  lastProgressTime: string;
  /** When the deadline passes, in milliseconds since the epoch. */
  wakeAt?: number;
}

/**
 * Kubernetes' rule: an update moves when more replicas are new, fewer are old or more are available; without any of
 * these it is stuck after progressDeadlineSeconds. Once complete it stays so until the spec changes: a replica that
 * fails later is for Available and Ready to tell. Bytes of a pull count as moving: a slow line is not a stuck update.
 */
export function progressOf(situation: Situation): Progress {
  const { counts, complete, waiting, deadlineMs, now } = situation;
  const since = lastProgress(situation);
  const lastProgressTime = isoTime(since);
  if (complete || staysComplete(situation))
    return {
      condition: condition('True', Reason.UpdateComplete, 'every replica runs the current template'),
      lastProgressTime,
    };
  const deadline = since + deadlineMs;
  if (now < deadline)
    return {
      condition: condition('True', underWay(waiting.reason, counts), waiting.message),
      lastProgressTime,
      wakeAt: deadline,
    };
  const message = `no progress for ${deadlineMs / 1000} s (progressDeadlineSeconds): ${waiting.message}`;
  return { condition: condition('False', Reason.ProgressDeadlineExceeded, message), lastProgressTime };
}

function lastProgress(situation: Situation): number {
  const { before, now } = situation;
  const since = before?.lastProgressTime;
  if (since === undefined || isNew(situation) || moved(situation) || reopened(situation)) return now;
  // A clock that was set back must not put the deadline off.
  return Math.min(Date.parse(since), now);
}

function isNew({ before, generation, revision }: Situation): boolean {
  return before?.observedGeneration !== generation || before.revision !== revision;
}

function moved({ before, counts }: Situation): boolean {
  if (!before) return true;
  const old = ({ replicas, updatedReplicas }: Counts) => replicas - updatedReplicas;
  return (
    counts.updatedReplicas > before.updatedReplicas ||
    old(counts) < old(before) ||
    counts.availableReplicas > before.availableReplicas ||
    (counts.pull?.current ?? 0) > (before.pull?.current ?? 0)
  );
}

/** It was complete and is no longer: something was changed by hand. */
function reopened(situation: Situation): boolean {
  return wasComplete(situation) && !staysComplete(situation);
}

function staysComplete(situation: Situation): boolean {
  const { replicas, updatedReplicas } = situation.counts;
  return wasComplete(situation) && !isNew(situation) && replicas === updatedReplicas;
}

function wasComplete({ before }: Situation): boolean {
  return findCondition(before?.conditions, Progressing)?.reason === Reason.UpdateComplete;
}

const STEPS: readonly string[] = [Reason.Queued, Reason.Pulling, Reason.Terminating];

/** While it moves, what it waits for is its reason where that is a step; a trouble is for Ready to tell. */
function underWay(waitingFor: string, { replicas, updatedReplicas }: Counts): string {
  if (STEPS.includes(waitingFor)) return waitingFor;
  return replicas > updatedReplicas ? Reason.Updating : Reason.Starting;
}

function condition(status: 'True' | 'False', reason: string, message: string): ConditionInput {
  return { type: Progressing, status, reason, message };
}
