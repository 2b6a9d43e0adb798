import type { Container } from '../../api/v1alpha1/container.ts';
import type { Probe } from '../../api/v1alpha1/probe.ts';
import type { ProbeResult } from '../ports/runtime.ts';
import type { Health } from './observed.ts';

export type ProbeKind = 'startup' | 'readiness' | 'liveness';

export type Probes = Pick<Container, 'startupProbe' | 'readinessProbe' | 'livenessProbe'>;

/** How one probe of one container stands. */
export interface Streak {
  /** What the thresholds have made of the answers so far; nothing before the first is reached. */
  verdict?: 'Passing' | 'Failing';
  /** Answers in a row of one kind. */
  success: boolean;
  inARow: number;
  /** What the failure said that made it Failing. Kept as it was then: a message that changes with every answer would be a write each time. */
  message?: string;
}

export type Streaks = Readonly<Partial<Record<ProbeKind, Streak>>>;

/** The probe after one more answer. */
export function nextStreak(before: Streak | undefined, probe: Probe, result: ProbeResult): Streak {
  const { success } = result;
  const inARow = before?.success === success ? before.inARow + 1 : 1;
  const reached = inARow >= (success ? probe.successThreshold : probe.failureThreshold);
  const verdict = reached ? (success ? 'Passing' : 'Failing') : before?.verdict;
  const message = verdict === before?.verdict ? before?.message : result.message;
  return { verdict, success, inARow, message };
}

/** Which probes are to be asked: none but startup until that has passed. */
export function activeProbes(probes: Probes, streaks: Streaks): ProbeKind[] {
  if (probes.startupProbe && streaks.startup?.verdict !== 'Passing') return ['startup'];
  return (['readiness', 'liveness'] as const).filter((kind) => probeOf(probes, kind));
}

export function probeOf(probes: Probes, kind: ProbeKind): Probe | undefined {
  return probes[`${kind}Probe`];
}

/** Kubernetes' defaults: not started and not ready until a probe says so, alive until one says otherwise. */
export function healthOf(probes: Probes, streaks: Streaks): Omit<Health, 'readySince'> {
  const { startup, readiness, liveness } = streaks;
  if (startup?.verdict === 'Failing')
    return { ready: false, failed: true, message: complaint('startup', startup) };
  if (liveness?.verdict === 'Failing')
    return { ready: false, failed: true, message: complaint('liveness', liveness) };
  const started = !probes.startupProbe || startup?.verdict === 'Passing';
  const ready = started && (!probes.readinessProbe || readiness?.verdict === 'Passing');
  const message = readiness?.verdict === 'Failing' ? complaint('readiness', readiness) : undefined;
  return { ready, failed: false, message };
}

/** The streaks of a container that was ready before this agent began to watch it. */
export function presumedReady(probes: Probes): Streaks {
  const passing = { verdict: 'Passing', success: true, inARow: 1 } as const;
  return {
    startup: probes.startupProbe && passing,
    readiness: probes.readinessProbe && passing,
  };
}

function complaint(kind: ProbeKind, { message }: Streak): string {
  return `${kind} probe failed: ${message}`;
}
