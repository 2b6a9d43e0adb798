import type { Condition, ConditionInput } from '../../api/meta/condition.ts';
import { setConditions } from '../../api/meta/condition.ts';
import type { PeerStatus } from '../../api/v1alpha1/deployment-status.ts';
import {
  Admitted,
  Available,
  Exposed,
  Progressing,
  Ready,
  Reason,
  Synced,
} from '../../api/v1alpha1/reasons.ts';
import type { Outcome } from './outcome.ts';

/** Conditions that a peer reports and that we pass on as they are. */
const REPORTED: readonly string[] = [Admitted, Available, Progressing, Ready, Exposed];

/** What a Deployment's status says of one peer. Pure. */
export function peerStatus(
  outcome: Outcome,
  before: PeerStatus | undefined,
  generation: number,
  now: Date,
): PeerStatus {
  const { remote, delivered, desiredReplicas, peer, lastContact, unreachable } = outcome;
  const status = remote?.status;
  const observed = delivered && status?.observedGeneration === remote?.metadata.generation;
  const counts = status ?? (unreachable && before);
  return {
    name: peer,
    desiredReplicas,
    replicas: counts?.replicas ?? 0,
    updatedReplicas: observed || !remote ? (counts?.updatedReplicas ?? 0) : 0,
    readyReplicas: counts?.readyReplicas ?? 0,
    availableReplicas: counts?.availableReplicas ?? 0,
    observedGeneration: observed ? generation : before?.observedGeneration,
    deliveredGeneration: delivered ? generation : before?.deliveredGeneration,
    lastContact: lastContact === undefined ? undefined : new Date(lastContact).toISOString(),
    conditions: conditions(outcome, before?.conditions, observed, now),
  };
}

function conditions(
  outcome: Outcome,
  before: Condition[] | undefined,
  observed: boolean,
  now: Date,
): Condition[] {
  const reported = reportedConditions(outcome.remote);
  const own = [
    synced(outcome),
    ...admission(outcome),
    ...(outcome.unreachable ? unknown(outcome.unreachable) : []),
    ...(observed ? [] : notYet(outcome)),
  ];
  const overridden = new Set(own.map(({ type }) => type));
  const kept = reported.filter(({ type }) => !overridden.has(type));
  const previous = (before ?? []).filter(({ type }) => overridden.has(type));
  return setConditions([...kept, ...previous], own, now);
}

/** Of what a peer says, what is about the spec that it has now: its generations are not ours. */
function reportedConditions(remote: Outcome['remote']): Condition[] {
  const { generation } = remote?.metadata ?? {};
  return (remote?.status?.conditions ?? [])
    .filter(({ type }) => REPORTED.includes(type))
    .filter(({ observedGeneration = generation }) => observedGeneration === generation)
    .map(({ observedGeneration: _, ...condition }) => condition);
}

function synced({ delivered, leaving, refused, unreachable }: Outcome): ConditionInput {
  const problem = refused ?? unreachable;
  if (delivered)
    return {
      type: Synced,
      status: 'True',
      reason: Reason.Delivered,
      message: 'the peer has the current spec',
    };
  if (problem) return { type: Synced, status: 'False', ...problem };
  if (leaving)
    return {
      type: Synced,
      status: 'False',
      reason: Reason.Terminating,
      message: 'the peer is removing its containers',
    };
  return { type: Synced, status: 'False', reason: Reason.Queued, message: 'the spec is on its way' };
}

function admission({ refused, delivered, remote }: Outcome): ConditionInput[] {
  if (refused) return [{ type: Admitted, status: 'False', ...refused }];
  const reported = remote?.status?.conditions?.some(({ type }) => type === Admitted);
  if (!delivered || reported) return [];
  return [
    {
      type: Admitted,
      status: 'True',
      reason: Reason.Accepted,
      message: "the peer's policy accepts this spec",
    },
  ];
}

/** What a silent peer said earlier no longer counts. */
function unknown({ reason, message }: { reason: string; message: string }): ConditionInput[] {
  return [Available, Ready].map((type) => ({ type, status: 'Unknown', reason, message }));
}

/** The peer's own summary is about an older spec. */
function notYet({ unreachable, refused, leaving }: Outcome): ConditionInput[] {
  if (unreachable) return [];
  if (refused) return [{ type: Ready, status: 'False', ...refused }];
  const reason = leaving ? Reason.Terminating : Reason.Starting;
  return [{ type: Ready, status: 'False', reason, message: 'waiting for the peer to act on the spec' }];
}
