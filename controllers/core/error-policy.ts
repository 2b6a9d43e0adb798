import { StatusError, type StatusReason } from '../../api/meta/status-error.ts';
import { Reason } from '../../api/v1alpha1/reasons.ts';
import { RuntimeError } from '../ports/runtime.ts';

/** Retrying cannot help until the object itself changes. `reason` is the word for its condition. */
export class TerminalError extends Error {
  readonly reason: string;

  constructor(reason: string, message: string, options: { cause?: unknown } = {}) {
    super(message, options);
    this.name = 'TerminalError';
    this.reason = reason;
  }
}

/** What `peerctl` ends with (docs/reference). */
export const ExitCode = {
  Done: 0,
  Failed: 1,
  Usage: 2,
  NotReadyInTime: 3,
  RefusedByPeer: 4,
  PeerUnreachable: 5,
} as const;

export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

/** backOff: after a delay that doubles. soon: the object has just changed, read it again. never: not before it changes. */
export type Requeue = 'backOff' | 'soon' | 'never';

export interface ErrorPolicy {
  /** For a condition, an event or `-o json`. */
  reason: string;
  requeue: Requeue;
  /** A state of the world that passes by itself is no warning; a warning wants a person; an error is a fault of ours. */
  level: 'debug' | 'info' | 'warn' | 'error';
  exitCode: ExitCode;
}

type Row = [requeue: Requeue, level: ErrorPolicy['level'], exitCode: ExitCode];

/** Why a Store or a peer refused. */
const BY_STATUS: Record<StatusReason, Row> = {
  Invalid: ['backOff', 'warn', ExitCode.Usage],
  BadRequest: ['backOff', 'error', ExitCode.Failed],
  Unauthorized: ['backOff', 'warn', ExitCode.RefusedByPeer],
  Forbidden: ['backOff', 'warn', ExitCode.RefusedByPeer],
  NotFound: ['backOff', 'info', ExitCode.Failed],
  AlreadyExists: ['backOff', 'info', ExitCode.Failed],
  Conflict: ['soon', 'debug', ExitCode.Failed],
  Expired: ['backOff', 'info', ExitCode.Failed],
  Timeout: ['backOff', 'info', ExitCode.NotReadyInTime],
  TooManyRequests: ['backOff', 'info', ExitCode.RefusedByPeer],
  RequestEntityTooLarge: ['backOff', 'warn', ExitCode.RefusedByPeer],
  ServiceUnavailable: ['backOff', 'info', ExitCode.Failed],
  InternalError: ['backOff', 'error', ExitCode.Failed],
};

const REFUSED: Row = ['backOff', 'warn', ExitCode.RefusedByPeer];

/** Reasons that say more than the status they come with. */
const BY_REASON: ReadonlyMap<string, Row> = new Map<string, Row>([
  [Reason.PeerUnreachable, ['backOff', 'info', ExitCode.PeerUnreachable]],
  [Reason.PeerNotTrusted, ['backOff', 'warn', ExitCode.Failed]],
  [Reason.IncompatibleVersion, ['backOff', 'warn', ExitCode.Failed]],
  [Reason.InvalidManifest, ['backOff', 'warn', ExitCode.Usage]],
  [Reason.NotTrustedByPeer, REFUSED],
  [Reason.NotGranted, REFUSED],
  [Reason.Expired, REFUSED],
  [Reason.SignatureInvalid, REFUSED],
  [Reason.QuotaExceeded, REFUSED],
  [Reason.ImageNotAllowed, REFUSED],
  [Reason.CapabilityNotAllowed, REFUSED],
  [Reason.ImmutableField, REFUSED],
  [Reason.PlatformMismatch, REFUSED],
]);

const RUNTIME: Row = ['backOff', 'warn', ExitCode.Failed];
const UNKNOWN: Row = ['backOff', 'error', ExitCode.Failed];

/** What an error means to everyone who meets one: the condition, the queue, the log and the command line. */
export function policyOf(error: unknown): ErrorPolicy {
  const reason = reasonOf(error);
  const [requeue, level, exitCode] = rowOf(error, reason);
  return isTerminal(error)
    ? { reason, requeue: 'never', level: 'warn', exitCode }
    : { reason, requeue, level, exitCode };
}

/** What `peerctl` ends with when a condition is not met for this reason. */
export function exitCodeOf(reason: string): ExitCode {
  return BY_REASON.get(reason)?.[2] ?? ExitCode.Failed;
}

function reasonOf(error: unknown): string {
  if (error instanceof TerminalError || error instanceof RuntimeError) return error.reason;
  return error instanceof StatusError ? error.conditionReason : Reason.Error;
}

function isTerminal(error: unknown): boolean {
  return error instanceof TerminalError || (error instanceof RuntimeError && error.terminal);
}

function rowOf(error: unknown, reason: string): Row {
  if (error instanceof StatusError && error.details.cause === undefined) return BY_STATUS[error.reason];
  const row = BY_REASON.get(reason);
  if (row) return row;
  if (error instanceof StatusError) return BY_STATUS[error.reason];
  return error instanceof TerminalError || error instanceof RuntimeError ? RUNTIME : UNKNOWN;
}
