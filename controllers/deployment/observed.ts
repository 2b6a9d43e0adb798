import type { PullProgress, RuntimeContainer } from '../ports/runtime.ts';

/** A failure that is tried again. */
export interface Failure {
  reason: string;
  message: string;
  /** Retrying cannot help until the spec or the machine changes. */
  terminal: boolean;
  /** Milliseconds since the epoch. */
  retryAt: number;
}

/** Whether the image of the current template can be run. */
export type ImageState =
  /** Nobody has asked lately. */
  | { state: 'Unknown' }
  /**
   * Looking: the runtime is being asked whether it is here. Queued: waits for another pull to end.
   * `progress` only while it is pulled.
   */
  | { state: 'Looking' | 'Queued' | 'Pulling'; progress?: PullProgress }
  /** `pulledMs`: how long that took, where it had to be pulled. */
  | { state: 'Present'; imageID: string; pulledMs?: number }
  | ({ state: 'Failed' } & Failure);

/** What probes say of one container. */
export interface Health {
  /** Startup and readiness probes pass. */
  ready: boolean;
  /** Since when, in milliseconds since the epoch. */
  readySince?: number;
  /** Why it is not ready, for a person. */
  message?: string;
  /** A startup or liveness probe has given it up: it must be stopped. */
  failed: boolean;
}

export interface ObservedContainer extends RuntimeContainer {
  health: Health;
  /** We are stopping it, with this many seconds of grace. */
  terminating?: { gracePeriodSeconds: number };
  /** The last attempt to stop or remove it failed. */
  terminationFailure?: Failure;
}

/** Everything about one Deployment that a plan depends on and a spec does not say. */
export interface Observed {
  containers: readonly ObservedContainer[];
  image: ImageState;
  /** Replicas of the current template that could not be started, by ordinal. */
  runFailures: ReadonlyMap<number, Failure>;
}
