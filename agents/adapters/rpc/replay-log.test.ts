import { appendFile, mkdtemp, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ALICE } from '../../../test/support/objects.ts';
import { FileReplayLog, type Sighting } from './replay-log.ts';

describe('FileReplayLog', () => {
  let directory: string;
  let file: string;
  const logs: FileReplayLog[] = [];
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'peercompute-replay-log-'));
    file = join(directory, 'replays.jsonl');
  });
  afterEach(async () => {
    for (const log of logs.splice(0)) await log.close();
    await rm(directory, { recursive: true });
  });

  const open = () => {
    const log = new FileReplayLog({ file });
    logs.push(log);
    return log;
  };
  const seen = (nonce: string): Sighting => ({ peerID: ALICE, nonce, until: 1_900_000_000_000 });
  const load = async () => {
    const sightings: Sighting[] = [];
    for await (const sighting of open().load()) sightings.push(sighting);
    return sightings;
  };
  const nonces = async () => (await load()).map(({ nonce }) => nonce);

  it('is empty where there is no file', async () => {
    expect(await nonces()).toEqual([]);
  });

  it('holds what was appended, also when much comes at once', async () => {
    const log = open();
    const expected = Array.from({ length: 1_000 }, (_, index) => `n${index}`);
    await Promise.all(expected.map((nonce) => log.append(seen(nonce))));
    expect(await nonces()).toEqual(expected);
    expect(await load()).toContainEqual(seen('n0'));
  });

  it('is readable by nobody else', async () => {
    await open().append(seen('one'));
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    await open().replace([seen('two')]);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
  });

  it('holds what replaced it and what came after that', async () => {
    const log = open();
    const appended = log.append(seen('old'));
    const replaced = log.replace([seen('kept')]);
    await Promise.all([appended, replaced, log.append(seen('new'))]);
    expect(await nonces()).toEqual(['kept', 'new']);
  });

  it('loses no line but the one that a crash cut short', async () => {
    await open().append(seen('one'));
    await open().append(seen('two'));
    await truncate(file, (await stat(file)).size - 10);
    await open().append(seen('three'));
    expect(await nonces()).toEqual(['one', 'three']);
  });

  it.each(['null', '17', '"text"', '{}', '{"peerID":1,"nonce":"x","until":2}', '[[[[', '\0\0\0\0'])(
    'passes over a line that says %s',
    async (line) => {
      await open().append(seen('one'));
      await appendFile(file, `${line}\n`);
      await open().append(seen('two'));
      expect(await nonces()).toEqual(['one', 'two']);
    },
  );

  it('passes over a megabyte of noise', async () => {
    await writeFile(file, Buffer.alloc(1_000_000, 0xfe));
    await open().append(seen('one'));
    expect(await nonces()).toEqual(['one']);
  });

  it('tells everyone whose line could not be written', async () => {
    const log = new FileReplayLog({ file: join(directory, 'missing', 'replays.jsonl') });
    const results = await Promise.allSettled([log.append(seen('one')), log.append(seen('two'))]);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  });

  it('opens its file again after it was closed', async () => {
    const log = open();
    await log.append(seen('one'));
    await log.close();
    await log.append(seen('two'));
    expect((await readFile(file, 'utf8')).match(/"nonce"/g)).toHaveLength(2);
  });
});
