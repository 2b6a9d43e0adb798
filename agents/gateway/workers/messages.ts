import type { Socket } from 'node:net';
import type { StatusDetails, StatusReason } from '../../../api/meta/status-error.ts';
import type { Backend, HostRoute, Traffic } from '../../../controllers/ports/router.ts';
import type { Certificate } from '../../adapters/transport/tunnel/tls/certificate.ts';
import type { CommonOptions } from '../../daemon/flags.ts';
import type { ServedChange } from '../certificates/served-set.ts';
import type { EdgeInit } from '../data-plane/data-plane.ts';
import type { Counters } from '../ingress/http1/observer.ts';

/** What the main process and its workers say to each other. They are one program, and believe each other. */

/** The first message to a worker. */
export interface Welcome {
  type: 'welcome';
  /** Of the main process: files may have been replaced since it began. */
  version: string;
  slot: number;
  logLevel: CommonOptions['logLevel'];
  edge: EdgeInit;
  certificate: Certificate;
  /** So that visitors can resume at one worker what they began at another. */
  sessionSecret: Uint8Array;
}

/** What a worker answers once it is done. */
export type Question =
  | { type: 'served'; change: ServedChange }
  | { type: 'probe'; route: HostRoute; backend: Backend };

/** Each goes with a socket. */
export type Handed =
  /** Whoever has just come, to the port for HTTPS or, from a proxy of the owner's, to that for HTTP. */
  | { type: 'connection'; isSecure: boolean }
  /** From another worker, which has read so much of it: a tunnel, or a visitor to be served in any case. */
  | { type: 'tunnel' | 'visitor'; read: Uint8Array }
  /** A tunnel of a peer that has proven who it is. */
  | { type: 'detour'; peerID: string };

export type ToWorker =
  | Welcome
  | { type: 'allow'; peerIDs: ReadonlySet<string> }
  | { type: 'serve'; routes: readonly HostRoute[] }
  | { type: 'ask'; id: number; question: Question }
  /** Nobody waits for this answer any more. */
  | { type: 'cancel'; id: number }
  | Handed
  /** Let nobody in any more, and end when those inside are gone. */
  | { type: 'stop' };

/** How a question was answered, where something is wrong. */
export interface Problem {
  reason: StatusReason;
  message: string;
  details: StatusDetails;
}

/** What has happened in a worker since it said so last, and what there is now. */
export interface Report {
  /** All that only grow by how much they did. */
  counters: Counters;
  traffic: ReadonlyMap<string, Traffic>;
  residentBytes: number;
  /** Since it began. */
  cpuSeconds: number;
}

export type FromWorker =
  /** It serves whoever is handed to it. */
  | { type: 'open' }
  | { type: 'tunnel'; provider: string; isUp: boolean }
  | { type: 'answer'; id: number; problem?: Problem }
  /** Each second, and at the end. */
  | { type: 'report'; report: Report }
  /** A tunnel that another slot should have, with its socket. */
  | { type: 'tunnel for'; slot: number; read: Uint8Array }
  /** A visitor of a host that this worker has no tunnel for, with his socket. */
  | { type: 'visitor for'; host: string; read: Uint8Array };

/** One end of what two processes say to each other, in order. */
export interface Link<Out, In> {
  /** Resolves when it is no longer ours, sockets included: here they are closed then. Never rejects: the end of a process is told otherwise. */
  send(message: Out, socket?: Socket): Promise<void>;
  onMessage(listener: (message: In, socket: Socket | undefined) => void): void;
}

/** A worker as the main process sees it. */
export interface WorkerProcess extends Link<ToWorker, FromWorker> {
  readonly pid: number | undefined;
  /** Resolves with how it ended. */
  readonly exited: Promise<string>;
  /** At once. */
  kill(): void;
}

/** The main process as a worker sees it. */
export interface MainProcess extends Link<FromWorker, ToWorker> {
  /** Ends this worker. */
  exit(code: number): void;
}
