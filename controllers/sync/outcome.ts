import type { Deployment } from '../../api/v1alpha1/types.ts';

/** Why a peer does not have what it should, in a condition's words. */
export interface Problem {
  reason: string;
  message: string;
}

/** What one round of talking to one peer came to. */
export interface Outcome {
  peer: string;
  /** Replicas it is asked to run; 0 when it is asked to give up its copy. */
  desiredReplicas: number;
  /** Its copy, as it showed it last. */
  remote?: Deployment;
  /** Its copy is the one we want it to have: for a peer that is leaving, none. */
  delivered: boolean;
  /** It is asked to give up its copy. */
  leaving: boolean;
  /** It did not answer: what we know of it may be old. */
  unreachable?: Problem;
  /** Only this request was not answered: otherwise the peer is there. */
  lost?: boolean;
  /** It answered, and refused. */
  refused?: Problem;
  /** Milliseconds since the epoch of its last answer; while it is unreachable. */
  lastContact?: number;
}
