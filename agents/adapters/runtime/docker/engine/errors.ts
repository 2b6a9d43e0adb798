import { Reason } from '../../../../../api/v1alpha1/reasons.ts';
import { RuntimeError } from '../../../../../controllers/ports/runtime.ts';

/** What the engine answers when it is there and says no. */
interface Refusal extends Error {
  statusCode: number;
  json?: unknown;
}

const NOT_RUNNING = 'is it running? "systemctl start docker" starts it';

/** Codes of a connection that failed, and what the machine's owner can do. */
const REMEDIES: Record<string, string> = {
  ECONNREFUSED: NOT_RUNNING,
  ENOENT: 'the socket does not exist: install Docker or start it, or name another engine with DOCKER_HOST',
  EACCES: 'permission denied: run as root, or join the group with "usermod -aG docker USER" and log in again',
  EPERM: 'permission denied: run as root, or join the group with "usermod -aG docker USER" and log in again',
  ENOTFOUND: 'its host name does not resolve: check DOCKER_HOST',
  EAI_AGAIN: 'its host name does not resolve: check DOCKER_HOST',
  EHOSTUNREACH: 'its host cannot be reached: check DOCKER_HOST',
  ENETUNREACH: 'its host cannot be reached: check DOCKER_HOST',
  ETIMEDOUT: 'it did not answer in time',
  ECONNRESET: 'it closed the connection: it may be restarting',
  EPIPE: 'it closed the connection: it may be restarting',
};

export function hasStatus(error: unknown, ...codes: number[]): error is Refusal {
  return error instanceof Error && 'statusCode' in error && codes.includes(Number(error.statusCode));
}

/** The engine's own words, without what the client wraps around them. */
export function engineMessage(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const body = 'json' in error ? error.json : undefined;
  const message = isRecord(body) && typeof body.message === 'string' ? body.message : error.message;
  return message.replace(/^\(HTTP code \d+\) [^-]* - /, '').trim();
}

/** What a call failed with, where that is not a refusal: the engine is away. */
export function unavailable(address: string, cause: unknown): RuntimeError {
  const code = isRecord(cause) && typeof cause.code === 'string' ? cause.code : '';
  const remedy = REMEDIES[code] ?? engineMessage(cause);
  return new RuntimeError(Reason.RuntimeUnavailable, `cannot talk to Docker at ${address}: ${remedy}`, {
    cause,
  });
}

/** The engine is there but did not answer: it hangs, or the machine is overloaded. */
export function overdue(address: string, milliseconds: number): RuntimeError {
  return new RuntimeError(
    Reason.RuntimeUnavailable,
    `Docker at ${address} did not answer within ${milliseconds / 1000} s: if it hangs, "systemctl restart docker" helps`,
  );
}

/** A refusal under the name it has for the user; what has a name already keeps it. */
export function named(reason: string, what: string, cause: unknown): RuntimeError {
  if (cause instanceof RuntimeError) return cause;
  // 400: the engine will refuse the same request again.
  return new RuntimeError(reason, `${what}: ${engineMessage(cause)}`, {
    cause,
    terminal: hasStatus(cause, 400),
  });
}

const START_FAILURES: readonly [RegExp, { reason: string; terminal: boolean; advice: string }][] = [
  [
    /port is already allocated|address already in use/i,
    {
      reason: Reason.PortConflict,
      terminal: false,
      advice: 'another program took the port; the next attempt gets another one',
    },
  ],
  [
    /exec: .*(executable file not found|no such file or directory)/i,
    {
      reason: Reason.StartFailed,
      terminal: true,
      advice: 'check command, args and workingDir against what the image holds',
    },
  ],
  [
    /exec: .*permission denied/i,
    {
      reason: Reason.StartFailed,
      terminal: true,
      advice: 'the file is not executable for this user: check command and runAsUser',
    },
  ],
  [
    /unable to find (user|group)/i,
    { reason: Reason.StartFailed, terminal: true, advice: 'set runAsUser and runAsGroup to numbers' },
  ],
];

/** Why a container did not start, from the engine's words, and what to do. */
export function startFailure(name: string, cause: unknown): RuntimeError {
  if (cause instanceof RuntimeError) return cause;
  const message = engineMessage(cause);
  const known = START_FAILURES.find(([pattern]) => pattern.test(message))?.[1];
  return new RuntimeError(
    known?.reason ?? Reason.StartFailed,
    `container ${name} did not start: ${message}${known ? `; ${known.advice}` : ''}`,
    { cause, terminal: known?.terminal ?? false },
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
