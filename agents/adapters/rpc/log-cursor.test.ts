import fc from 'fast-check';
import type { RemoteLogLine } from '../../../api/protocol/log-messages.ts';
import { logLine } from '../../../test/support/rpc-log-file.ts';
import { LogCursor, toNanoseconds } from './log-cursor.ts';

const SCALE = Number(process.env.PEERCOMPUTE_TEST_SCALE ?? 1);

describe('toNanoseconds', () => {
  it.each([
    ['1970-01-01T00:00:00Z', '0'],
    ['1970-01-01T00:00:01.5Z', '1500000000'],
    ['2030-01-01T00:00:00.123456789Z', '1893456000123456789'],
    ['2030-01-01T00:00:00.000000001Z', '1893456000000000001'],
  ])('reads %s as %s', (timestamp, nanoseconds) => {
    expect(toNanoseconds(timestamp)).toBe(nanoseconds);
  });
});

describe('LogCursor', () => {
  it('asks for nothing in particular before the first line', () => {
    expect(new LogCursor({ tail: 5, since: '1' }).resume()).toEqual({ tail: 5, since: '1' });
  });

  it('tells lines of the same time and stream apart by their number', () => {
    const cursor = new LogCursor({});
    const same = logLine(5, 'again');
    expect([cursor.accept(same), cursor.accept(same)]).toEqual([true, true]);
    cursor.resume();
    expect([cursor.accept(same), cursor.accept(same), cursor.accept(same)]).toEqual([false, false, true]);
  });

  it('goes on behind the last line that it has forgotten', () => {
    const cursor = new LogCursor({});
    for (let time = 1; time <= 5_000; time++) cursor.accept(logLine(time, 'x'));
    const beginning = BigInt(toNanoseconds('2030-01-01T00:00:00Z'));
    expect(cursor.resume()).toEqual({ resume: { 'web-0': String(beginning + 4_001n) } });
  });

  it('goes on with the first line of a tail, which would be another one by now', () => {
    const cursor = new LogCursor({ tail: 2 });
    cursor.accept(logLine(7, 'x'));
    cursor.accept(logLine(6, 'y', { stream: 'stderr' }));
    expect(cursor.resume()).toEqual({
      tail: 2,
      resume: { 'web-0': toNanoseconds(logLine(6, '').timestamp) },
    });
  });

  /** Two streams, each in order, written past each other by up to 50 ns. */
  const file = fc
    .array(
      fc.record({ container: fc.constantFrom('web-0', 'web-1'), late: fc.boolean(), step: fc.nat(20) }),
      {
        maxLength: 3_000,
        size: 'max',
      },
    )
    .map((steps) => {
      let now = 100;
      return steps.map(({ container, late, step }, index): RemoteLogLine => {
        now += step;
        const stream = late ? 'stderr' : 'stdout';
        return logLine(late ? now - 50 : now, `line ${index}`, { container, stream });
      });
    });

  it(
    'loses and repeats nothing, wherever the stream breaks',
    () => {
      fc.assert(
        fc.property(file, fc.array(fc.nat(1_500), { maxLength: 10 }), (lines, cuts) => {
          const cursor = new LogCursor({});
          const shown: RemoteLogLine[] = [];
          for (const cut of [...cuts, Number.POSITIVE_INFINITY]) {
            const { resume = {} } = cursor.resume();
            const from = new Map(Object.entries(resume).map(([name, time]) => [name, BigInt(time)]));
            const coming = lines.filter(
              ({ container, timestamp }) => BigInt(toNanoseconds(timestamp)) >= (from.get(container) ?? 0n),
            );
            shown.push(...coming.slice(0, cut).filter((line) => cursor.accept(line)));
          }
          for (const name of ['web-0', 'web-1'])
            expect(shown.filter(({ container }) => container === name)).toEqual(
              lines.filter(({ container }) => container === name),
            );
        }),
        { numRuns: 10 * SCALE },
      );
    },
    30_000 * SCALE,
  );
});
