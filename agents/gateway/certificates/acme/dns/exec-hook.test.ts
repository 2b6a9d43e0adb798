import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FakeClock } from '../../../../../test/support/fake-clock.ts';
import { ExecHook } from './exec-hook.ts';

const RECORD = { fqdn: '_acme-challenge.example.com', value: '$(touch hacked) ; -x' };
const clock = new FakeClock();
const { signal } = new AbortController();

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp('/tmp/pc-hook-');
});

afterEach(() => rm(directory, { recursive: true }));

async function hook(script: string): Promise<ExecHook> {
  const file = join(directory, 'hook');
  await writeFile(file, `#!/bin/sh\ncd ${directory}\n${script}\n`);
  await chmod(file, 0o700);
  return new ExecHook({ clock }, { file });
}

describe('a hook for DNS', () => {
  it('is given what to do as it is: no shell reads it', async () => {
    const program = await hook(`printf '%s|' "$@" >>seen`);
    await program.present(RECORD, signal);
    await program.cleanup(RECORD, signal);
    const asked = `${RECORD.fqdn}|${RECORD.value}|`;
    expect(await readFile(join(directory, 'seen'), 'utf8')).toBe(`present|${asked}cleanup|${asked}`);
  });

  it('says why it failed, in harmless words', async () => {
    const program = await hook(`printf 'no such \\033[31mzone\\n' >&2; exit 1`);
    await expect(program.present(RECORD, signal)).rejects.toThrow(
      `${directory}/hook present ${RECORD.fqdn} failed: no such \\u{1b}[31mzone`,
    );
  });

  it('is killed when it takes too long', async () => {
    const program = await hook('exec sleep 600');
    const running = program.present(RECORD, signal);
    const over = expect(running).rejects.toThrow('failed: took longer than 180 s');
    await clock.advance(180_000);
    await over;
  });

  it('that is not there is named', async () => {
    const program = new ExecHook({ clock }, { file: join(directory, 'nothing') });
    await expect(program.present(RECORD, signal)).rejects.toThrow(
      /nothing present .* failed: spawn .* ENOENT/,
    );
  });
});
