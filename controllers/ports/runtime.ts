import type { Container } from '../../api/v1alpha1/container.ts';
import type { Probe } from '../../api/v1alpha1/probe.ts';

/** Who a container is. It is written into its labels, and its name is made of it. */
export interface ContainerIdentity {
  /** Peer ID of whoever signed the Deployment; empty for one of this machine's own. */
  owner: string;
  /** uid of the Deployment. */
  uid: string;
  namespace: string;
  /** Name of the Deployment. */
  deployment: string;
  ordinal: number;
  /** Hash of the template it was made from. */
  templateHash: string;
  /** 0 for the first run of this ordinal and template; each restart is a new container with the next number. */
  attempt: number;
  /** How often in a row it has ended soon after its start; decides the delay before the next attempt. */
  backoffLevel: number;
}

export interface RunRequest extends ContainerIdentity {
  container: Container;
  terminationGracePeriodSeconds: number;
  /** ID of the local image to run, as {@link Runtime.image} or {@link Runtime.pull} answered. */
  imageID: string;
}

export interface PublishedPort {
  containerPort: number;
  protocol: 'TCP' | 'UDP';
  /** On 127.0.0.1; the kernel chose it. */
  hostPort: number;
}

/** A container as it really is. Times are milliseconds since the epoch. */
export interface RuntimeContainer extends ContainerIdentity {
  name: string;
  /** Created: made, never started. Exited: also when a start failed. */
  state: 'Created' | 'Running' | 'Exited';
  exitCode?: number;
  oomKilled: boolean;
  /** Why it could not start, in the runtime's words. */
  error?: string;
  createdAt: number;
  startedAt?: number;
  finishedAt?: number;
  /** Digest of the image where the registry gave one, else its ID. */
  image: string;
  ports: PublishedPort[];
  /** Someone changed its limits or networks, or paused it: it is not what was asked for. */
  drifted: boolean;
}

export interface ImageInfo {
  /** `sha256:...` of the local image. */
  id: string;
  /** `repository@sha256:...`, where the registry gave a digest. */
  digest?: string;
  sizeBytes: number;
}

export interface PullProgress {
  currentBytes: number;
  /** 0 while unknown. */
  totalBytes: number;
}

export interface PullOptions {
  onProgress?(progress: PullProgress): void;
  signal: AbortSignal;
}

export type ProbeHandler = Pick<Probe, 'httpGet' | 'tcpSocket' | 'exec'>;

export interface ProbeResult {
  success: boolean;
  /** What came back, for a person: `HTTP 503`, `connection refused`. */
  message: string;
}

export interface LogOptions {
  follow?: boolean;
  /** Last so many lines. Default: all. */
  tail?: number;
  /** Nothing before this time, in nanoseconds since the epoch, as text: it exceeds 2^53. */
  sinceNanoseconds?: string;
  signal: AbortSignal;
}

export interface LogLine {
  stream: 'stdout' | 'stderr';
  /** When the runtime received it, RFC 3339 with nanoseconds; unique enough to resume after. */
  timestamp: string;
  /** Without its line break. */
  text: string;
}

/** What this machine can offer. */
export interface RuntimeInfo {
  /** `linux/amd64` */
  platform: string;
  version: string;
  cpus: number;
  memoryBytes: number;
}

/**
 * Runs containers. Calls are idempotent by the container's name; a failure is an Error whose
 * `reason` is one of api/v1alpha1/reasons (see {@link RuntimeError}). It sees and touches only
 * containers of this agent, never others on the same machine.
 */
export interface Runtime {
  info(): Promise<RuntimeInfo>;
  list(): Promise<RuntimeContainer[]>;
  /** Creates and starts; a container of this name that exists is started if it never was. */
  run(request: RunRequest, signal: AbortSignal): Promise<void>;
  /** Stops but keeps it, so that its logs can still be read. Absent or stopped is success. */
  stop(name: string, gracePeriodSeconds: number): Promise<void>;
  /** Stops and removes it. Absent is success. */
  remove(name: string, gracePeriodSeconds: number): Promise<void>;
  /** The local image of a reference, or undefined. */
  image(reference: string): Promise<ImageInfo | undefined>;
  pull(reference: string, options: PullOptions): Promise<ImageInfo>;
  /** One attempt, at most `timeoutMilliseconds`. Failing is an answer, not an error. */
  probe(name: string, handler: ProbeHandler, timeoutMilliseconds: number): Promise<ProbeResult>;
  logs(name: string, options: LogOptions): AsyncIterable<LogLine>;
  /** Hints that something about our containers may have changed; a lost one costs a resync. Survives engine restarts. */
  events(signal: AbortSignal): AsyncIterable<RuntimeEvent>;
  /** Removes what no container of ours needs any more: networks without members. */
  prune(): Promise<void>;
}

/** `uid` of the Deployment to look at again, or none: look at all of them. */
export interface RuntimeEvent {
  uid?: string;
}

/** A failure of the runtime that has a name: `ImagePullFailed`, `PortConflict`, `RuntimeUnavailable`, ... */
export class RuntimeError extends Error {
  readonly reason: string;
  /** Retrying cannot help until the spec or the machine changes. */
  readonly terminal: boolean;

  constructor(reason: string, message: string, options: { terminal?: boolean; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.name = 'RuntimeError';
    this.reason = reason;
    this.terminal = options.terminal ?? false;
  }
}
