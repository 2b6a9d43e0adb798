/** Condition types. */
export const Ready = 'Ready';
export const Available = 'Available';
export const Progressing = 'Progressing';
export const Synced = 'Synced';
export const Admitted = 'Admitted';
export const Stalled = 'Stalled';
export const Parsed = 'Parsed';
export const Connected = 'Connected';
export const Granted = 'Granted';
export const Exposed = 'Exposed';
export const Accepted = 'Accepted';
export const CertificateReady = 'CertificateReady';

/**
 * Every reason a condition, an event or a refusal can carry. Programs compare these words, so they
 * are API: add, never rename.
 */
export const Reason = {
  // All is well.
  Ready: 'Ready',
  MinimumReplicasAvailable: 'MinimumReplicasAvailable',
  UpdateComplete: 'UpdateComplete',
  Accepted: 'Accepted',
  Delivered: 'Delivered',
  Stopped: 'Stopped',
  Direct: 'Direct',
  Relayed: 'Relayed',
  Issued: 'Issued',
  // Under way.
  Updating: 'Updating',
  Pulling: 'Pulling',
  Starting: 'Starting',
  MinimumReplicasUnavailable: 'MinimumReplicasUnavailable',
  Queued: 'Queued',
  Terminating: 'Terminating',
  // Peers and trust. Disconnected: nobody needs it at the moment. PeerUnreachable: it was tried, and did not answer.
  Disconnected: 'Disconnected',
  PeerUnreachable: 'PeerUnreachable',
  PeerNotTrusted: 'PeerNotTrusted',
  NotTrustedByPeer: 'NotTrustedByPeer',
  NotGranted: 'NotGranted',
  Expired: 'Expired',
  SignatureInvalid: 'SignatureInvalid',
  IncompatibleVersion: 'IncompatibleVersion',
  // Gateways.
  NoGateway: 'NoGateway',
  GatewayUnreachable: 'GatewayUnreachable',
  HostNotAllowed: 'HostNotAllowed',
  HostNotProven: 'HostNotProven',
  HostnameTaken: 'HostnameTaken',
  CertificatePending: 'CertificatePending',
  CertificateFailed: 'CertificateFailed',
  NotAnswering: 'NotAnswering',
  // Admission.
  QuotaExceeded: 'QuotaExceeded',
  ImageNotAllowed: 'ImageNotAllowed',
  CapabilityNotAllowed: 'CapabilityNotAllowed',
  ImmutableField: 'ImmutableField',
  PlatformMismatch: 'PlatformMismatch',
  InvalidManifest: 'InvalidManifest',
  // Containers.
  ImagePullFailed: 'ImagePullFailed',
  ImageNeverPull: 'ImageNeverPull',
  RunAsRoot: 'RunAsRoot',
  CreateFailed: 'CreateFailed',
  StartFailed: 'StartFailed',
  PortConflict: 'PortConflict',
  CrashLoop: 'CrashLoop',
  OOMKilled: 'OOMKilled',
  Completed: 'Completed',
  Error: 'Error',
  ProbeFailed: 'ProbeFailed',
  ProgressDeadlineExceeded: 'ProgressDeadlineExceeded',
  RuntimeUnavailable: 'RuntimeUnavailable',
} as const;

export type Reason = (typeof Reason)[keyof typeof Reason];
