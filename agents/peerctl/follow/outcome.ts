import { type Condition, findCondition } from '../../../api/meta/condition.ts';
import { StatusError } from '../../../api/meta/status-error.ts';
import {
  Admitted,
  Exposed,
  Parsed,
  Progressing,
  Ready,
  Reason,
  Stalled,
  Synced,
} from '../../../api/v1alpha1/reasons.ts';
import type { Deployment } from '../../../api/v1alpha1/types.ts';
import { ExitCode, policyOf } from '../../../controllers/core/error-policy.ts';

/**
 * What has become of a Deployment: `done` is what was asked for, `underway` may still become it, and
 * `ended` will not by itself.
 */
export interface Outcome {
  state: 'done' | 'underway' | 'ended';
  /** What the command ends with if nothing more happens. */
  exitCode: number;
  /** Why it is not done, and what to do. */
  message: string;
}

const DONE: Outcome = { state: 'done', exitCode: ExitCode.Done, message: '' };

/** Judges a Deployment by its status; what is said of an older generation does not count. Pure. */
export function outcomeOf({ metadata, spec, status }: Deployment): Outcome {
  const current = (type: string) => {
    const condition = findCondition(status?.conditions, type);
    return (condition?.observedGeneration ?? metadata.generation) >= metadata.generation
      ? condition
      : undefined;
  };
  const parsed = current(Parsed);
  if (parsed?.status === 'False') return ended(parsed, ExitCode.Usage);
  if ((status?.observedGeneration ?? 0) < metadata.generation) return underway(undefined);
  const ready = current(Ready);
  // An object that is to go is done when it is gone; what was wrong with it no longer matters.
  if (metadata.deletionTimestamp) return undelivered(current) ?? silence(ready) ?? underway(ready);
  const stopped = spec.state === 'Stopped' && ready?.reason === Reason.Stopped;
  const exposed = spec.expose && !stopped ? current(Exposed) : undefined;
  if (stopped || (ready?.status === 'True' && isServed(spec, exposed))) return DONE;
  return failure(current) ?? underway(ready?.status === 'True' ? exposed : ready);
}

/** What nobody asked to expose needs no public address. */
function isServed({ expose }: Deployment['spec'], exposed: Condition | undefined): boolean {
  return expose === undefined || exposed?.status === 'True';
}

/** Reasons why it will not be exposed before somebody does something. */
const NOT_EXPOSED: readonly string[] = [
  Reason.NoGateway,
  Reason.NotGranted,
  Reason.QuotaExceeded,
  Reason.HostNotAllowed,
  Reason.HostNotProven,
  Reason.HostnameTaken,
  Reason.SignatureInvalid,
];

/** Whether every peer has taken the present spec. */
export function isDelivered({ metadata, spec, status }: Deployment): boolean {
  const delivered = new Map((status?.peers ?? []).map((peer) => [peer.name, peer.deliveredGeneration ?? 0]));
  return spec.placement.peers.every((peer) => (delivered.get(peer) ?? 0) >= metadata.generation);
}

type Current = (type: string) => Condition | undefined;

function failure(current: Current): Outcome | undefined {
  const [admitted, stalled, progressing] = [Admitted, Stalled, Progressing].map(current);
  if (admitted?.status === 'False') return ended(admitted, exitCodeOf(admitted, 'Forbidden'));
  const notThere = undelivered(current);
  if (notThere) return notThere;
  if (stalled?.status === 'True') return ended(stalled, ExitCode.Failed);
  if (progressing?.status === 'False' && progressing.reason === Reason.ProgressDeadlineExceeded)
    return ended(progressing, ExitCode.NotReadyInTime);
  const exposed = current(Exposed);
  if (exposed?.status === 'False' && NOT_EXPOSED.includes(exposed.reason))
    return ended(exposed, ExitCode.RefusedByPeer);
  return silence(current(Ready));
}

/** Some peer does not take what it is sent. */
function undelivered(current: Current): Outcome | undefined {
  const synced = current(Synced);
  if (synced?.status !== 'False' || synced.reason === Reason.Queued || synced.reason === Reason.Terminating)
    return undefined;
  return ended(synced, exitCodeOf(synced, 'ServiceUnavailable'));
}

/** Some peer has the spec, and what it makes of it is unknown. */
function silence(ready: Condition | undefined): Outcome | undefined {
  return ready?.status === 'Unknown' && ready.reason === Reason.PeerUnreachable
    ? ended(ready, ExitCode.PeerUnreachable)
    : undefined;
}

function ended({ reason, message }: Condition, exitCode: number): Outcome {
  return { state: 'ended', exitCode, message: `${reason}: ${message}` };
}

function underway(ready: Condition | undefined): Outcome {
  const message = ready ? `${ready.reason}: ${ready.message}` : 'no peer has reported on it yet';
  return { state: 'underway', exitCode: ExitCode.NotReadyInTime, message };
}

/** The code for the refusal that a condition's reason stands for. */
function exitCodeOf({ reason, message }: Condition, status: 'Forbidden' | 'ServiceUnavailable'): number {
  return policyOf(new StatusError(status, message, { cause: reason })).exitCode;
}
