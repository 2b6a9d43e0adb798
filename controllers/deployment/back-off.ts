import type { RuntimeContainer } from '../ports/runtime.ts';

/** Kubernetes' numbers: 10 s, doubled with each further failure, at most 5 min. */
const BASE_MS = 10_000;
const CAP_MS = 300_000;

/** A run this long was a good one: the next failure counts as the first. */
const GOOD_RUN_MS = 600_000;

/** A container that has crashed before must outlive its shortest back-off before anyone relies on it. */
const PROOF_MS = BASE_MS;

/** 10 s x 2^5 exceeds the cap: counting further would only grow a number. */
const MAX_LEVEL = 6;

export interface Restart {
  /** Milliseconds since the epoch. */
  at: number;
  /** Level of the next attempt. */
  backoffLevel: number;
}

type Ended = Pick<RuntimeContainer, 'backoffLevel' | 'createdAt' | 'startedAt' | 'finishedAt'>;

/** The delay after so many failures in a row, in milliseconds: none after the first. */
export function backOffMs(failures: number): number {
  return failures <= 1 ? 0 : Math.min(CAP_MS, BASE_MS * 2 ** (failures - 2));
}

/** When a dead container may be followed by its next attempt. It remembers everything itself, so nothing is stored. */
export function restartOf(dead: Ended, now: number): Restart {
  const failures = ranWell(dead) ? 1 : dead.backoffLevel + 1;
  const delay = backOffMs(failures);
  // A clock that was set back must not lengthen the wait.
  const ended = Math.min(dead.finishedAt ?? dead.createdAt, now);
  return { at: ended + delay, backoffLevel: Math.min(failures, MAX_LEVEL) };
}

/** How long a container must be ready before it counts as available, beyond what its spec asks, in milliseconds. */
export function proofMs({ backoffLevel }: Pick<RuntimeContainer, 'backoffLevel'>): number {
  return backoffLevel > 0 ? PROOF_MS : 0;
}

function ranWell({ startedAt, finishedAt }: Ended): boolean {
  return startedAt !== undefined && finishedAt !== undefined && finishedAt - startedAt >= GOOD_RUN_MS;
}
