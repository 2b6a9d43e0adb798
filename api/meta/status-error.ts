/** Why a Store or a peer refused, in Kubernetes' words (metav1.StatusReason). */
export type StatusReason =
  | 'Invalid'
  | 'BadRequest'
  | 'Unauthorized'
  | 'Forbidden'
  | 'NotFound'
  | 'AlreadyExists'
  | 'Conflict'
  | 'Expired'
  | 'Timeout'
  | 'TooManyRequests'
  | 'RequestEntityTooLarge'
  | 'ServiceUnavailable'
  | 'InternalError';

export interface StatusDetails {
  /** The reason a condition carries for this refusal, e.g. `QuotaExceeded` under `Forbidden`. */
  cause?: string;
  /** Path of the field at fault, e.g. `spec.replicas`. */
  field?: string;
}

/** A refusal that the other side of a Store understands; it crosses the wire as `{reason, message, details}`. */
export class StatusError extends Error {
  readonly reason: StatusReason;
  readonly details: StatusDetails;

  constructor(reason: StatusReason, message: string, details: StatusDetails = {}) {
    super(message);
    this.name = 'StatusError';
    this.reason = reason;
    this.details = details;
  }

  /** The reason for a condition: the cause where one is known. */
  get conditionReason(): string {
    return this.details.cause ?? this.reason;
  }
}

export function isStatusError(error: unknown, reason?: StatusReason): error is StatusError {
  return error instanceof StatusError && (reason === undefined || error.reason === reason);
}
