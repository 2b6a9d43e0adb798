import type { Probe } from '../../api/v1alpha1/probe.ts';
import { activeProbes, healthOf, nextStreak, presumedReady, type Streak } from './probe-state.ts';

const probe: Probe = {
  tcpSocket: { port: 80 },
  initialDelaySeconds: 0,
  periodSeconds: 10,
  timeoutSeconds: 1,
  successThreshold: 2,
  failureThreshold: 3,
};
const all = { startupProbe: probe, readinessProbe: probe, livenessProbe: probe };
const passing: Streak = { verdict: 'Passing', success: true, inARow: 2 };
const failing: Streak = { verdict: 'Failing', success: false, inARow: 3, message: 'HTTP 503' };

/** The verdict after answers such as `ssf`: success, success, failure. */
function verdict(answers: string): Streak['verdict'] {
  let streak: Streak | undefined;
  for (const answer of answers)
    streak = nextStreak(streak, probe, { success: answer === 's', message: answer });
  return streak?.verdict;
}

describe('thresholds', () => {
  test.each([
    ['', undefined],
    ['s', undefined],
    ['ss', 'Passing'],
    ['sfs', undefined],
    ['ff', undefined],
    ['fff', 'Failing'],
    ['ssff', 'Passing'],
    ['ssfff', 'Failing'],
    ['fffs', 'Failing'],
    ['fffss', 'Passing'],
    ['ffsff', undefined],
  ])('"%s" is %s', (answers, expected) => {
    expect(verdict(answers)).toBe(expected);
  });

  test('what a failure said stays as it was when it began to count', () => {
    let streak: Streak | undefined;
    for (const message of ['a', 'b', 'c', 'd'])
      streak = nextStreak(streak, probe, { success: false, message });
    expect(streak?.message).toBe('c');
  });
});

describe('which probes are asked', () => {
  test('none but startup until it passes', () => {
    expect(activeProbes(all, {})).toEqual(['startup']);
    expect(activeProbes(all, { startup: failing })).toEqual(['startup']);
    expect(activeProbes(all, { startup: passing })).toEqual(['readiness', 'liveness']);
  });

  test('only those that there are', () => {
    expect(activeProbes({}, {})).toEqual([]);
    expect(activeProbes({ livenessProbe: probe }, {})).toEqual(['liveness']);
  });
});

describe('health', () => {
  test.each([
    ['without probes it is ready', {}, {}, { ready: true, failed: false }],
    ['nothing is known yet', all, {}, { ready: false, failed: false }],
    ['it has started', all, { startup: passing }, { ready: false, failed: false }],
    ['it is ready', all, { startup: passing, readiness: passing }, { ready: true, failed: false }],
    [
      'it is not ready any more',
      all,
      { startup: passing, readiness: failing },
      { ready: false, failed: false, message: 'readiness probe failed: HTTP 503' },
    ],
    [
      'it never started',
      all,
      { startup: failing },
      { ready: false, failed: true, message: 'startup probe failed: HTTP 503' },
    ],
    [
      'it is ready and dead',
      all,
      { startup: passing, readiness: passing, liveness: failing },
      { ready: false, failed: true, message: 'liveness probe failed: HTTP 503' },
    ],
    [
      'it is alive until a probe says otherwise',
      { livenessProbe: probe },
      {},
      { ready: true, failed: false },
    ],
  ])('%s', (_, probes, streaks, expected) => {
    expect(healthOf(probes, streaks)).toEqual(expected);
  });

  test('what was ready before stays so until a probe says otherwise', () => {
    expect(healthOf(all, presumedReady(all))).toMatchObject({ ready: true });
    expect(activeProbes(all, presumedReady(all))).toEqual(['readiness', 'liveness']);
  });
});
