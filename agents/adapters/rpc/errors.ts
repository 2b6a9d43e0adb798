import { isStatusError, StatusError } from '../../../api/meta/status-error.ts';
import type { Failure } from '../../../api/protocol/messages.ts';
import { Refusal } from '../../../api/protocol/refusals.ts';
import type { FieldError } from '../../../api/scheme.ts';
import { formatPath } from '../../../api/scheme.ts';
import { Reason } from '../../../api/v1alpha1/reasons.ts';

/** A message that is not believed, by the name of the check that it failed. */
export function refused(cause: Refusal, message: string): StatusError {
  return new StatusError('Unauthorized', message, { cause });
}

/** Bytes that are no frame. */
export function badFrame(message: string): StatusError {
  return refused(Refusal.BadFrame, message);
}

/** The stream to a peer ended or stalled. */
export function peerLost(peerID: string, why: string): StatusError {
  const message = `the stream to peer ${peerID} broke: ${why}`;
  return new StatusError('ServiceUnavailable', message, { cause: Reason.PeerUnreachable });
}

/** Whatever broke a stream: its user learns that the peer went away, unless it was told why. */
export function withCause(error: unknown, peerID: string): Error {
  const explained = isStatusError(error) && (error.details.cause || error.reason !== 'ServiceUnavailable');
  return explained ? error : peerLost(peerID, (error as Error).message);
}

/** What a peer sent is authentic, but not in our words. */
export function incompatible(peerID: string, what: string): StatusError {
  const message = `peer ${peerID} sent ${what}; it probably runs another version: update the older of the two programs`;
  return new StatusError('BadRequest', message, { cause: Reason.IncompatibleVersion });
}

/** `spec.replicas: must not be negative; ...`, the first few. */
export function describeErrors(errors: readonly FieldError[]): string {
  const shown = errors.slice(0, 5).map(({ path, message }) => clip(`${formatPath(path)}: ${message}`, 400));
  return [...shown, ...(errors.length > 5 ? [`and ${errors.length - 5} more`] : [])].join('; ');
}

/** An error as it crosses the wire; what is not a StatusError stays on this side. */
export function toFailure(error: unknown): Failure {
  if (!isStatusError(error))
    return {
      reason: 'InternalError',
      message: 'an internal error; its log on the peer says more',
      details: {},
    };
  const { cause, field } = error.details;
  return {
    reason: error.reason,
    message: clip(error.message, 4096),
    details: { cause: cause && clip(cause, 253), field: field && clip(field, 1024) },
  };
}

export function fromFailure({ reason, message, details }: Failure): StatusError {
  return new StatusError(reason, message, details);
}

function clip(text: string, length: number): string {
  return text.length > length ? text.slice(0, length) : text;
}
