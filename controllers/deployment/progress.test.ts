import { dead, NOW, old, running, UNREADY } from '../../test/envtest/deployment-samples.ts';
import {
  byType,
  earlier,
  type Situation,
  statusFor,
  whole,
} from '../../test/envtest/deployment-situations.ts';
import type { ObservedContainer } from './observed.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

describe('progress', () => {
  const deadline = 600 * SECOND;
  const stuck: Situation = {
    spec: { replicas: 2 },
    containers: [old(0), old(1), running(0, { health: UNREADY })],
  };

  test('a new template starts the clock', () => {
    const { status, wakeAt } = statusFor({ ...stuck, before: { ...earlier(), revision: 'old' } });
    expect(status.lastProgressTime).toBe('2030-01-01T00:00:00.000Z');
    expect(wakeAt).toBe(NOW + deadline);
  });

  test('so does any change of the spec', () => {
    const { status } = statusFor({ ...stuck, metadata: { generation: 2 }, before: earlier() });
    expect(status.lastProgressTime).toBe('2030-01-01T00:00:00.000Z');
  });

  test('without a move it is stuck at the deadline, and says what it waited for', () => {
    const first = whole(statusFor(stuck));
    const early = whole(statusFor({ ...stuck, before: first, now: NOW + deadline - 1 }));
    expect(byType(early.conditions).Progressing).toMatchObject({ status: 'True', reason: 'Updating' });
    const late = statusFor({ ...stuck, before: early, now: NOW + deadline });
    expect(byType(late.conditions)).toMatchObject({
      Progressing: {
        status: 'False',
        reason: 'ProgressDeadlineExceeded',
        message: 'no progress for 600 s (progressDeadlineSeconds): web-0: readiness probe failed: HTTP 503',
      },
      Stalled: { status: 'True', reason: 'ProgressDeadlineExceeded' },
      Available: { status: 'True' },
      Ready: { status: 'False', reason: 'ProbeFailed' },
    });
    expect(late.wakeAt).toBeUndefined();
  });

  const moves: [what: string, containers: ObservedContainer[]][] = [
    ['one more is new', [old(0), old(1), running(0, { health: UNREADY }), running(1, { health: UNREADY })]],
    ['one fewer is old', [old(1), running(0, { health: UNREADY })]],
    ['one more is available', [old(0), old(1), running(0)]],
  ];
  test.each(moves)('%s: it moves', (_, containers) => {
    const first = whole(statusFor(stuck));
    const { status } = statusFor({ ...stuck, containers, before: first, now: NOW + MINUTE });
    expect(status.lastProgressTime).toBe('2030-01-01T00:01:00.000Z');
  });

  test('bytes that arrive are a move, a pull that begins anew is none', () => {
    const pulling = (currentBytes: number): Situation => {
      return { observed: { image: { state: 'Pulling', progress: { currentBytes, totalBytes: 9 } } } };
    };
    const first = whole(statusFor(pulling(5)));
    expect(statusFor({ ...pulling(6), before: first, now: NOW + MINUTE }).status.lastProgressTime).toBe(
      '2030-01-01T00:01:00.000Z',
    );
    expect(statusFor({ ...pulling(1), before: first, now: NOW + MINUTE }).status.lastProgressTime).toBe(
      '2030-01-01T00:00:00.000Z',
    );
  });

  test('once complete it stays so, though a replica fails later', () => {
    const done = whole(statusFor({ containers: [running(0)] }));
    expect(byType(done.conditions).Progressing).toMatchObject({ status: 'True', reason: 'UpdateComplete' });
    const later = statusFor({ containers: [dead(0)], before: done, now: NOW + 2 * deadline });
    expect(byType(later.conditions)).toMatchObject({
      Progressing: { status: 'True', reason: 'UpdateComplete' },
      Ready: { status: 'False' },
    });
  });

  test('what is changed by hand long after the update is a new update, not an overdue one', () => {
    const done = whole(statusFor({ containers: [running(0)] }));
    const later = statusFor({
      containers: [running(0, { drifted: true })],
      before: done,
      now: NOW + 2 * deadline,
    });
    expect(byType(later.conditions).Progressing).toMatchObject({ status: 'True', reason: 'Updating' });
  });

  test('a clock that was set back does not put the deadline off', () => {
    const first = whole(statusFor({ ...stuck, now: NOW + 24 * 60 * MINUTE }));
    expect(statusFor({ ...stuck, before: first }).wakeAt).toBe(NOW + deadline);
  });
});
