import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

const MODULE = join(import.meta.dirname, 'line-log.ts');

/** What a program writes that logs so many records and then does as `end` says. */
async function logged(records: number, end: string): Promise<string[]> {
  const program = `
    import { lineLog } from ${JSON.stringify(MODULE)};
    const stop = new AbortController();
    const log = lineLog(stop.signal);
    for (let at = 0; at < ${records}; at++) log({ at });
    ${end};`;
  const args = ['--input-type=module', '--eval', program];
  const { stdout } = await promisify(execFile)(process.execPath, args, { env: {} });
  return stdout.split('\n');
}

test.each([1, 64, 65, 1_000])('%d records are as many lines once it was told to stop', async (records) => {
  const lines = Array.from({ length: records }, (_, at) => `{"at":${at}}`);
  expect(await logged(records, 'stop.abort()')).toEqual([...lines, '']);
});

test('a single record is not kept back for long', async () => {
  expect(await logged(1, 'setTimeout(() => {}, 1_000)')).toEqual(['{"at":0}', '']);
});
