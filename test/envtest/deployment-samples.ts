import type { MergePatch } from '../../api/meta/merge-patch.ts';
import { type Desired, desiredOf } from '../../controllers/deployment/desired.ts';
import type { Health, Observed, ObservedContainer } from '../../controllers/deployment/observed.ts';
import { deployment } from '../support/objects.ts';

/** 2030-01-01T00:00:00Z, where the fake clock stands. */
export const NOW = Date.UTC(2030, 0, 1);

export const READY: Health = { ready: true, readySince: NOW - 3_600_000, failed: false };
export const UNREADY: Health = { ready: false, failed: false, message: 'readiness probe failed: HTTP 503' };

/** What a spec of `web` comes to. */
export function desired(spec: MergePatch = {}): Desired {
  return { ...desiredOf(deployment('web', spec), { allowed: true }), templateHash: 'new' };
}

/** A container of `web` that has been running well for an hour; `new` is the current template. */
export function running(ordinal: number, change: Partial<ObservedContainer> = {}): ObservedContainer {
  const { templateHash = 'new', attempt = 0 } = change;
  return {
    owner: '',
    uid: 'uid',
    namespace: 'default',
    deployment: 'web',
    ordinal,
    templateHash,
    attempt,
    backoffLevel: 0,
    name: `web-${ordinal}-${templateHash}-${attempt}`,
    state: 'Running',
    oomKilled: false,
    createdAt: NOW - 3_600_000,
    startedAt: NOW - 3_600_000,
    image: 'peercompute.local/web@sha256:1',
    ports: [],
    drifted: false,
    health: READY,
    ...change,
  };
}

/** The same of the template before. */
export function old(ordinal: number, change: Partial<ObservedContainer> = {}): ObservedContainer {
  return running(ordinal, { templateHash: 'old', ...change });
}

/** One that ran for a second and ended just now. */
export function dead(ordinal: number, change: Partial<ObservedContainer> = {}): ObservedContainer {
  return running(ordinal, {
    state: 'Exited',
    exitCode: 1,
    startedAt: NOW - 1_000,
    finishedAt: NOW,
    health: { ready: false, failed: false },
    ...change,
  });
}

export function observed(containers: ObservedContainer[], change: Partial<Observed> = {}): Observed {
  return { containers, image: { state: 'Present', imageID: 'sha256:1' }, runFailures: new Map(), ...change };
}
