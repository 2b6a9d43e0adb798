import { FakeClock } from '../../../../test/support/fake-clock.ts';
import { TooEarly } from './outcome.ts';
import { Unreachable } from './protocol/https.ts';
import { AcmeProblem } from './protocol/problem.ts';
import { Troubles } from './troubles.ts';

const HOUR_MS = 3_600_000;

/** Delays after so many failures in a row, in milliseconds. */
function delays(error: Error, count: number): number[] {
  const clock = new FakeClock();
  const troubles = new Troubles({ clock });
  return Array.from({ length: count }, () => troubles.add('a', error).retryAt - clock.now());
}

const problem = (status: number, retryAfterMs?: number) =>
  new AcmeProblem({
    type: 'urn:ietf:params:acme:error:rateLimited',
    detail: 'slow down',
    status,
    retryAfterMs,
  });

describe('what stands in the way of a certificate', () => {
  it.each([
    ['a CA that is away', new Unreachable('ca cannot be reached'), 5_000, HOUR_MS / 2],
    ['a CA that is broken', problem(503), 5_000, HOUR_MS / 2],
    ['a CA that has judged', problem(400), 30_000, 6 * HOUR_MS],
  ])('is tried again with growing delays, jittered and bounded: %s', (_, error, base, cap) => {
    delays(error, 20).forEach((delay, index) => {
      const full = Math.min(cap, base * 2 ** index);
      expect(delay).toBeGreaterThanOrEqual(full / 2);
      expect(delay).toBeLessThanOrEqual(full);
    });
  });

  it('waits as long as the CA asks, but no longer than a week', () => {
    expect(delays(problem(429, HOUR_MS), 1)).toEqual([HOUR_MS]);
    expect(delays(problem(429, 1e15), 1)).toEqual([168 * HOUR_MS]);
  });

  it('is no failure when it was only too early', () => {
    const clock = new FakeClock();
    const troubles = new Troubles({ clock });
    const trouble = troubles.add('a', new TooEarly(clock.now() + HOUR_MS, 'there were 40'));
    expect(trouble).toEqual({
      reason: 'CertificatePending',
      message: 'there were 40: the next is ordered at 2030-01-01T01:00:00Z',
      retryAt: clock.now() + HOUR_MS,
    });
    expect(troubles.failures('a')).toBe(0);
  });

  it('is forgotten once it is out of the way', () => {
    const troubles = new Troubles({ clock: new FakeClock() });
    troubles.add('a', new Error('broken'));
    expect([troubles.failures('a'), troubles.get('a')?.message]).toEqual([
      1,
      expect.stringContaining('broken; it is'),
    ]);
    troubles.clear('a');
    expect([troubles.failures('a'), troubles.get('a')]).toEqual([0, undefined]);
  });
});
