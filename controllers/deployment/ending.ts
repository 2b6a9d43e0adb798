import { Reason } from '../../api/v1alpha1/reasons.ts';
import type { Desired } from './desired.ts';
import type { ObservedContainer } from './observed.ts';

export interface Explanation {
  reason: string;
  message: string;
}

/** Whoever dies this soon, in milliseconds, has probably been refused something at its start. */
const EARLY_MS = 5_000;

/** Exit codes that a shell gives to a command, not a program to its caller. */
const SHELL_CODES: ReadonlyMap<number, string> = new Map([
  [126, 'its command cannot be executed; check command, args and the image'],
  [127, 'its command was not found; check command, args and the image'],
]);

const SIGNAL_BASE = 128;

/** Why a container ended, and what to look at next. `probeFailed`: why we stopped it, where we did. */
export function explainEnd(desired: Desired, dead: ObservedContainer, probeFailed?: string): Explanation {
  const logs = `see "peerctl logs ${desired.deployment} --previous"`;
  if (dead.error !== undefined)
    return { reason: Reason.StartFailed, message: `could not start: ${dead.error}; check command and image` };
  if (dead.oomKilled)
    return {
      reason: Reason.OOMKilled,
      message: `killed for using more memory than its limit of ${desired.container.resources.limits.memory}; raise resources.limits.memory, or ${logs}`,
    };
  if (probeFailed !== undefined) return { reason: Reason.ProbeFailed, message: probeFailed };
  const reason =
    dead.backoffLevel > 0 ? Reason.CrashLoop : dead.exitCode === 0 ? Reason.Completed : Reason.Error;
  return { reason, message: `${describeExit(dead)}; ${logs}${hint(dead)}` };
}

function describeExit({ exitCode }: ObservedContainer): string {
  if (exitCode === undefined) return 'its process ended';
  if (exitCode === 0)
    return "its process ended by itself (exit code 0), and a Deployment's must keep running";
  const known = SHELL_CODES.get(exitCode);
  if (known) return `exited with code ${exitCode}: ${known}`;
  const signal = exitCode > SIGNAL_BASE ? `: ended by signal ${exitCode - SIGNAL_BASE}` : '';
  return `exited with code ${exitCode}${signal}`;
}

/** Containers run with few capabilities: what images do as root at their start may be refused. */
function hint({ exitCode = 0, startedAt, finishedAt }: ObservedContainer): string {
  const early = startedAt !== undefined && finishedAt !== undefined && finishedAt - startedAt < EARLY_MS;
  if (!early || exitCode === 0 || exitCode >= 126) return '';
  return '; if its log says "Operation not permitted" or "Permission denied", set securityContext.runAsUser or ask for the missing capability in securityContext.capabilities.add';
}
