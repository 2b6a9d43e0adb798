import type { ConditionInput } from '../../api/meta/condition.ts';
import { Admitted, Available, Progressing, Ready, Reason, Stalled } from '../../api/v1alpha1/reasons.ts';
import type { Explanation } from './ending.ts';
import type { Facts } from './facts.ts';
import type { Failure } from './observed.ts';
import { isoTime, type Replica, TROUBLES } from './replica.ts';

/** Every condition that this controller owns. `progressing` is judged apart: it alone remembers. */
export function conditionsOf(facts: Facts, progressing: ConditionInput): ConditionInput[] {
  const progress = overridden(facts) ?? progressing;
  return [admitted(facts), available(facts), progress, stalled(facts, progress), ready(facts)];
}

/** The first thing that stands between the spec and what it asks for, in the order it would be met. */
export function waitingFor(facts: Facts): Explanation {
  return imageTrouble(facts) ?? replicaTrouble(facts) ?? remains(facts) ?? allReady(facts);
}

function admitted({ admission }: Facts): ConditionInput {
  if (!admission.allowed)
    return { type: Admitted, status: 'False', reason: admission.reason, message: admission.message };
  return {
    type: Admitted,
    status: 'True',
    reason: Reason.Accepted,
    message: "this machine's policy accepts the spec",
  };
}

function available(facts: Facts): ConditionInput {
  const { counts, desired, deployment } = facts;
  if (deployment.spec.state === 'Stopped') return { type: Available, status: 'False', ...stopped(facts) };
  const outage = desired.recreate ? 0 : desired.maxUnavailable;
  // What the last signed spec asked for is no longer known: one that serves is better than none.
  const least = desired.frozen ? 1 : Math.max(0, desired.replicas - outage);
  const enough = counts.availableReplicas >= least;
  const found = desired.frozen
    ? `${count(counts.availableReplicas, 'container')} of the last signed spec available`
    : `${counts.availableReplicas} of ${desired.replicas} replicas available`;
  const message = enough ? found : `${found}; at least ${least} must be`;
  const reason = enough ? Reason.MinimumReplicasAvailable : Reason.MinimumReplicasUnavailable;
  return { type: Available, status: enough ? 'True' : 'False', reason, message };
}

/** The summary: True only when everything that the spec asks for is there and nothing else is. */
function ready(facts: Facts): ConditionInput {
  const problem = withheld(facts) ?? imageTrouble(facts) ?? replicaTrouble(facts) ?? remains(facts);
  if (problem) return { type: Ready, status: 'False', ...problem };
  return { type: Ready, status: 'True', ...allReady(facts) };
}

/** Stuck: waiting longer will not help. */
function stalled(facts: Facts, progress: ConditionInput): ConditionInput {
  const { reason, message, status } = progress;
  if (status === 'False') return { type: Stalled, status: 'True', reason, message };
  const terminal = terminalTrouble(facts);
  if (terminal) return { type: Stalled, status: 'True', ...terminal };
  return {
    type: Stalled,
    status: 'False',
    reason,
    message: 'nothing that only a change of the spec could mend',
  };
}

/** Whoever is not to run does not progress towards running. */
function overridden(facts: Facts): ConditionInput | undefined {
  const { admission, deployment } = facts;
  if (!admission.allowed)
    return { type: Progressing, status: 'False', reason: admission.reason, message: admission.message };
  if (deployment.metadata.deletionTimestamp || deployment.spec.state === 'Stopped')
    return { type: Progressing, status: 'True', ...stopped(facts) };
  return undefined;
}

function withheld(facts: Facts): Explanation | undefined {
  const { admission, deployment } = facts;
  if (deployment.metadata.deletionTimestamp) return stopped(facts);
  if (!admission.allowed) return { reason: admission.reason, message: admission.message };
  return deployment.spec.state === 'Stopped' ? stopped(facts) : undefined;
}

function stopped({ others, deployment }: Facts): Explanation {
  if (deployment.metadata.deletionTimestamp || others.length > 0)
    return { reason: Reason.Terminating, message: `${count(others.length, 'container')} still to end` };
  const { name } = deployment.metadata;
  return { reason: Reason.Stopped, message: `stopped by its spec; "peerctl start ${name}" runs it again` };
}

function imageTrouble({ pulling, observed: { image }, desired }: Facts): Explanation | undefined {
  const { image: name } = desired.container;
  if (!pulling) return undefined;
  if (image.state === 'Failed') return retried(image, image.retryAt);
  if (image.state === 'Queued')
    return { reason: Reason.Queued, message: `${name} waits for another pull to end` };
  if (image.state === 'Pulling') return { reason: Reason.Pulling, message: `pulling ${name}` };
  return { reason: Reason.Starting, message: `looking for ${name}` };
}

/** The worst replica speaks for all; of several the one with the lowest ordinal. */
function replicaTrouble({ replicas, desired }: Facts): Explanation | undefined {
  const rank = ({ trouble }: Replica) => TROUBLES.indexOf(trouble);
  const worst = Math.max(0, ...replicas.map(rank));
  const found = replicas.find((replica) => rank(replica) === worst);
  if (!found || found.trouble === 'None' || found.reason === undefined) return undefined;
  const { reason, message = '', slot, retryAt } = found;
  const named = desired.replicas > 1 ? `${desired.deployment}-${slot.ordinal}: ${message}` : message;
  return retried({ reason, message: named }, retryAt);
}

function remains({ others }: Facts): Explanation | undefined {
  if (others.length === 0) return undefined;
  return {
    reason: Reason.Updating,
    message: `${count(others.length, 'container')} of before still to be replaced`,
  };
}

function allReady({ counts }: Facts): Explanation {
  return { reason: Reason.Ready, message: `${count(counts.availableReplicas, 'replica')} ready` };
}

function terminalTrouble({ pulling, observed: { image }, replicas }: Facts): Explanation | undefined {
  const failures = replicas.filter(({ terminal }) => terminal);
  const found = pulling && image.state === 'Failed' && image.terminal ? image : failures[0];
  return found && { reason: found.reason ?? Reason.Error, message: found.message ?? '' };
}

function retried(
  { reason, message }: Pick<Failure, 'reason' | 'message'>,
  retryAt: number | undefined,
): Explanation {
  return {
    reason,
    message: retryAt === undefined ? message : `${message}; next attempt at ${isoTime(retryAt)}`,
  };
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
