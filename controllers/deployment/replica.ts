import type { ContainerStatus } from '../../api/v1alpha1/deployment-status.ts';
import { Reason } from '../../api/v1alpha1/reasons.ts';
import { restartOf } from './back-off.ts';
import type { Desired } from './desired.ts';
import { type Explanation, explainEnd } from './ending.ts';
import type { Observed, ObservedContainer } from './observed.ts';
import { isAvailable, type Slot } from './roles.ts';

/** What stands between a replica and being available, from nothing to the worst. */
export const TROUBLES = ['None', 'Settling', 'Starting', 'Unready', 'Failing'] as const;

export type Trouble = (typeof TROUBLES)[number];

/** How one wanted replica is. */
export interface Replica extends Partial<Explanation> {
  slot: Slot;
  state: ContainerStatus['state'];
  trouble: Trouble;
  /** Of the last run that ended. */
  exitCode?: number;
  /** When it is tried again, in milliseconds since the epoch. */
  retryAt?: number;
  /** Only a change of the spec or of the machine can help. */
  terminal?: boolean;
}

interface Situation {
  desired: Desired;
  observed: Observed;
  /** What was last said of each replica, by ordinal: by it one that we stopped ourselves is known again. */
  before: ReadonlyMap<number, ContainerStatus>;
  now: number;
}

export function replicaOf(situation: Situation, slot: Slot): Replica {
  const { current } = slot;
  if (current?.state === 'Running') return running(situation, slot, current);
  const failure = situation.observed.runFailures.get(slot.ordinal);
  if (failure) return { slot, state: 'Waiting', trouble: 'Failing', ...failure };
  if (current?.state === 'Exited') return ended(situation, slot, current);
  return { slot, state: 'Waiting', trouble: 'Starting', reason: Reason.Starting, message: 'about to start' };
}

function running(situation: Situation, slot: Slot, current: ObservedContainer): Replica {
  const replica = { slot, state: 'Running', exitCode: slot.previous?.exitCode } as const;
  const { ready, failed, message } = current.health;
  if (failed) return { ...replica, trouble: 'Failing', reason: Reason.ProbeFailed, message };
  if (current.terminating)
    return {
      ...replica,
      trouble: 'Starting',
      reason: Reason.Terminating,
      message: 'ending; its successor follows',
    };
  if (!ready && message !== undefined)
    return { ...replica, trouble: 'Unready', reason: Reason.ProbeFailed, message };
  if (!ready)
    return {
      ...replica,
      trouble: 'Starting',
      reason: Reason.Starting,
      message: 'waiting for its first probe to pass',
    };
  if (isAvailable(situation.desired, current, situation.now)) return { ...replica, trouble: 'None' };
  if (slot.previous && current.backoffLevel > 0)
    return { ...replica, trouble: 'Failing', ...explain(situation, slot.previous, current) };
  const reason = Reason.MinimumReplicasUnavailable;
  return { ...replica, trouble: 'Settling', reason, message: 'ready, but not yet for minReadySeconds' };
}

function ended(situation: Situation, slot: Slot, dead: ObservedContainer): Replica {
  const { at } = restartOf(dead, situation.now);
  return {
    slot,
    state: 'Waiting',
    trouble: 'Failing',
    ...explain(situation, dead),
    exitCode: dead.exitCode,
    retryAt: at > situation.now ? at : undefined,
  };
}

/** Nothing in the runtime tells that we stopped a container for its probes; what we last said of it does. */
function explain(
  { desired, before }: Situation,
  dead: ObservedContainer,
  successor?: ObservedContainer,
): Explanation {
  const starts = [dead, successor].map((container) => isoTime(container?.startedAt));
  const said = before.get(dead.ordinal);
  const isMeant = said?.startedAt !== undefined && starts.includes(said.startedAt);
  return explainEnd(desired, dead, isMeant && said.reason === Reason.ProbeFailed ? said.message : undefined);
}

/** RFC 3339. */
export function isoTime(milliseconds: number): string;
export function isoTime(milliseconds: number | undefined): string | undefined;
export function isoTime(milliseconds: number | undefined): string | undefined {
  return milliseconds === undefined ? undefined : new Date(milliseconds).toISOString();
}
