import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FakeLogger } from '../../../test/support/fake-logger.ts';
import { temporaryDirectory } from '../../../test/support/store-directory.ts';
import { Vault } from './vault.ts';

interface Thing {
  name: string;
}

const decode = (value: unknown) =>
  typeof (value as Thing | undefined)?.name === 'string' ? (value as Thing) : undefined;

let place: Awaited<ReturnType<typeof temporaryDirectory>>;
let logger: FakeLogger;
let vault: Vault;

beforeEach(async () => {
  place = await temporaryDirectory();
  logger = new FakeLogger();
  vault = new Vault({ logger }, place);
  await vault.open();
});

afterEach(() => place.dispose());

describe('a vault', () => {
  it('keeps records for their owner only', async () => {
    await vault.write('thing', '*.example.com', { name: 'a' });
    await vault.write('thing', '_.example.com', { name: 'b' });
    expect((await stat(place.directory)).mode & 0o777).toBe(0o700);
    const [file = ''] = await readdir(place.directory);
    expect((await stat(join(place.directory, file))).mode & 0o777).toBe(0o600);
    expect(await vault.read('thing', '*.example.com', decode)).toEqual({ name: 'b' });
  });

  it('has room for the longest names, and tells them apart', async () => {
    const long = `${'a.'.repeat(125)}com`;
    await vault.write('thing', long, { name: 'one' });
    await vault.write('thing', `${long.slice(0, -1)}n`, { name: 'two' });
    expect(await vault.read('thing', long, decode)).toEqual({ name: 'one' });
    expect((await vault.list('thing', decode)).map(({ name }) => name).sort()).toEqual(['one', 'two']);
  });

  it('writes in the order that it was asked in', async () => {
    await Promise.all(
      Array.from({ length: 20 }, (_, index) => vault.write('thing', 'a', { name: `${index}` })),
    );
    expect(await vault.read('thing', 'a', decode)).toEqual({ name: '19' });
  });

  it('sets aside what is damaged, wherever it is', async () => {
    await vault.write('thing', 'a', { name: 'a rather long name' });
    const path = join(place.directory, 'thing-a.json');
    const whole = await readFile(path, 'utf8');
    for (let at = 0; at < whole.length; at++) {
      await writeFile(path, `${whole.slice(0, at)}\x7f${whole.slice(at + 1)}`);
      expect(await vault.read('thing', 'a', decode)).toBeUndefined();
      expect(await readdir(place.directory)).toEqual(['quarantine']);
    }
    for (let length = 0; length < whole.length; length++) {
      await writeFile(path, whole.slice(0, length));
      expect(await vault.list('thing', decode)).toEqual([]);
    }
    expect(logger.at('warn')).toHaveLength(2 * whole.length);
  });

  it('clears away what a crash left half written, and closes a directory that was open', async () => {
    await writeFile(join(place.directory, '.tmp-half'), 'half');
    await new Vault({ logger }, place).open();
    expect(await readdir(place.directory)).toEqual([]);
  });
});
