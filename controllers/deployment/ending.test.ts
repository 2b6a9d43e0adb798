import { dead, desired, NOW } from '../../test/envtest/deployment-samples.ts';
import { explainEnd } from './ending.ts';
import type { ObservedContainer } from './observed.ts';

const LOGS = 'see "peerctl logs web --previous"';

/** It ran for a minute. */
const late = { startedAt: NOW - 60_000 };

describe('why a container ended, and what to look at next', () => {
  const rows: [what: string, change: Partial<ObservedContainer>, reason: string, message: string][] = [
    [
      'by itself',
      { ...late, exitCode: 0 },
      'Completed',
      `its process ended by itself (exit code 0), and a Deployment's must keep running; ${LOGS}`,
    ],
    ['with a code', { ...late, exitCode: 3 }, 'Error', `exited with code 3; ${LOGS}`],
    [
      'again and again',
      { ...late, exitCode: 3, backoffLevel: 1 },
      'CrashLoop',
      `exited with code 3; ${LOGS}`,
    ],
    ['by a signal', { ...late, exitCode: 137 }, 'Error', `exited with code 137: ended by signal 9; ${LOGS}`],
    ['nobody knows how', { ...late, exitCode: undefined }, 'Error', `its process ended; ${LOGS}`],
    [
      'for want of memory',
      { exitCode: 137, oomKilled: true, backoffLevel: 3 },
      'OOMKilled',
      `killed for using more memory than its limit of 256Mi; raise resources.limits.memory, or ${LOGS}`,
    ],
    [
      'for want of its command',
      { exitCode: 127 },
      'Error',
      `exited with code 127: its command was not found; check command, args and the image; ${LOGS}`,
    ],
    [
      'before it began',
      { exitCode: 127, error: 'no such file', backoffLevel: 3 },
      'StartFailed',
      'could not start: no such file; check command and image',
    ],
  ];
  test.each(rows)('%s', (_, change, reason, message) => {
    expect(explainEnd(desired(), dead(0, change))).toEqual({ reason, message });
  });

  test('for its probe, where we stopped it', () => {
    const message = 'liveness probe failed: HTTP 500';
    expect(explainEnd(desired(), dead(0, { exitCode: 143 }), message)).toEqual({
      reason: 'ProbeFailed',
      message,
    });
  });

  test('an early end may be for want of a capability', () => {
    expect(explainEnd(desired(), dead(0)).message).toContain('"Operation not permitted"');
    for (const change of [late, { exitCode: 0 }, { exitCode: 137 }])
      expect(explainEnd(desired(), dead(0, change)).message).not.toContain('"Operation not permitted"');
  });
});
