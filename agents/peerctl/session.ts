import type { ObjectKey } from '../../api/meta/object.ts';
import type { StatusError } from '../../api/meta/status-error.ts';
import type { LogLine } from '../../controllers/ports/runtime.ts';
import type { Applicable } from '../../controllers/ports/store.ts';

/** What one peer answered to a signed dry run of a Deployment. */
export interface Preview {
  /** Name of the TrustedPeer. */
  peer: string;
  /** Absent where the peer refused or did not answer. */
  operation?: 'created' | 'configured' | 'unchanged';
  refused?: StatusError;
}

export interface LogRequest {
  /** The Deployment whose containers are read. */
  key: ObjectKey<'Deployment'>;
  /** Only this container, such as `web-0`. Default: the first one, or every one with `all`. */
  replica?: string;
  all: boolean;
  follow: boolean;
  /** Last so many lines of each container. */
  tail?: number;
  /** Nothing before this time, in milliseconds since the epoch. */
  since?: number;
  /** Of the run before the present one. */
  previous: boolean;
}

export interface LogEntry extends LogLine {
  /** Name of the container. */
  container: string;
}

export interface SyncOptions {
  watch: boolean;
  /** Another process syncs this state directory; we take over when it ends. */
  onStandby?: () => void;
}

/** The way to the peers, as the commands see it: everything that needs the network is behind it. */
export interface Session {
  /** Peer ID of this state directory. @throws StatusError where it has no identity. */
  peerID(): Promise<string>;
  /**
   * Carries these Deployments' specs out, and their status back into the local Store, until each has
   * settled: ready, stopped, refused, its peer unreachable, or gone. While another process syncs this
   * state directory it only waits for the same.
   */
  deliver(keys: readonly ObjectKey<'Deployment'>[], signal: AbortSignal): Promise<void>;
  /** Asks each of the Deployment's peers what it would do with this spec; nothing is written anywhere. */
  preview(deployment: Applicable<'Deployment'>, signal: AbortSignal): Promise<Preview[]>;
  /** One round trip to a peer, and over which address. */
  ping(trustedPeer: string, signal: AbortSignal): Promise<{ milliseconds: number; address: string }>;
  /** Resumes after a broken connection without loss or repeats. */
  logs(request: LogRequest, signal: AbortSignal): AsyncIterable<LogEntry>;
  /** Everything once, until all has settled; or with `watch` until the signal. */
  sync(options: SyncOptions, signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}
