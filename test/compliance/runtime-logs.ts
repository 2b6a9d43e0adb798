import type { LogLine, LogOptions } from '../../controllers/ports/runtime.ts';
import { until } from '../support/eventually.ts';
import { collect, expectReason, PATIENCE, type RuntimeContext } from './runtime-context.ts';

/** What processes write. */
export function describeLogs(on: RuntimeContext): void {
  describe('logs', () => {
    const streams = ['stdout', 'stderr', 'stdout', 'stdout'];

    function read(name: string, options: Partial<LogOptions> = {}): Promise<LogLine[]> {
      return collect(on.runtime.logs(name, { signal: on.signal, ...options }));
    }

    /** All four lines, sorted: two pipes have no order between them. */
    function written(name: string, options: Partial<LogOptions> = {}): Promise<LogLine[]> {
      return until(async () => {
        const lines = await read(name, options);
        return lines.length >= streams.length ? lines : undefined;
      }, PATIENCE);
    }

    test('are what the process wrote, each line with its stream and time', async () => {
      const lines = await written(await on.start('writes'));
      expect(lines.filter(({ stream }) => stream === 'stdout').map(({ text }) => text)).toEqual([
        'one',
        'two',
        'three',
      ]);
      expect(lines.filter(({ stream }) => stream === 'stderr').map(({ text }) => text)).toEqual(['oops']);
      for (const { timestamp } of lines)
        expect(timestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z$/);
    });

    test('can begin at the last lines, or at a time', async () => {
      const name = await on.start('writesAndExits');
      const lines = await written(name);
      expect(await read(name, { tail: 2 })).toEqual(lines.slice(-2));
      expect(await read(name, { tail: 0 })).toEqual([]);
      const last = lines.at(-1)?.timestamp ?? '';
      const since = await read(name, { sinceNanoseconds: nanoseconds(last) });
      expect(since.at(-1)).toEqual(lines.at(-1));
      expect(since.every(({ timestamp }) => timestamp >= last)).toBe(true);
    });

    test('are followed until the process ends', async () => {
      const lines = await read(await on.start('writesAndExits'), { follow: true });
      expect(lines).toHaveLength(streams.length);
    });

    test('are followed until the signal aborts', async () => {
      const seen: LogLine[] = [];
      for await (const line of on.runtime.logs(await on.start('writes'), {
        follow: true,
        signal: on.signal,
      })) {
        seen.push(line);
        if (seen.length === streams.length) on.abort();
      }
      expect(seen).toHaveLength(streams.length);
    });

    test('outlive the process', async () => {
      const name = await on.start('writes');
      await written(name);
      await on.runtime.stop(name, 0);
      expect(await read(name)).toHaveLength(streams.length);
    });

    test('of a container that is gone are an error', async () => {
      await expectReason(read('nobody-0'), 'NotFound', 'nobody-0');
    });
  });
}

/** `2026-01-01T00:00:00.123456789Z` since the epoch. */
function nanoseconds(timestamp: string): string {
  const [seconds = '', decimals = ''] = timestamp.replace(/Z$/, '').split('.');
  return `${Date.parse(`${seconds}Z`) / 1000}${decimals}`;
}
