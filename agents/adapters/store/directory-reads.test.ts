import { copyFileSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '../../../test/support/eventually.ts';
import { FakeClock } from '../../../test/support/fake-clock.ts';
import { silentLogger } from '../../../test/support/silent.ts';
import { temporaryDirectory } from '../../../test/support/store-directory.ts';
import { withFaults } from '../../../test/support/store-faults.ts';
import { happening, web, webKey } from '../../../test/support/store-objects.ts';
import { startStoreProcess } from '../../../test/support/store-process.ts';
import { startWatch } from '../../../test/support/store-watcher.ts';
import { DirectoryStore } from './directory-store.ts';
import { type FileSystem, nodeFileSystem } from './file-system.ts';

describe('reading a state directory', () => {
  let directory: string;
  let dispose: () => Promise<void>;
  let clock: FakeClock;

  beforeEach(async () => {
    ({ directory, dispose } = await temporaryDirectory());
    clock = new FakeClock();
  });

  afterEach(() => dispose());

  const open = (fileSystem: FileSystem = nodeFileSystem) =>
    new DirectoryStore({ clock, logger: silentLogger, fileSystem }, { directory });

  /** A file system that says what it was asked. */
  function recorded(calls: string[]): FileSystem {
    return withFaults(nodeFileSystem, (call, _, path) => {
      calls.push(`${call} ${String(path).replace(`${directory}/`, '')}`);
      return undefined;
    });
  }

  it('takes three system calls for an object, on its own files', async () => {
    await open().apply(web('web'));
    await open().patchStatus(webKey('web'), { replicas: 1 });
    const calls: string[] = [];
    await open(recorded(calls)).get(webKey('web'));
    expect(calls).toEqual([
      'readText records/deployments/default/web.json',
      'stat manifests/deployments/default/web.yaml',
      'readText status/deployments/default/web.json',
    ]);
  });

  it('writes nothing for a write that moves nothing', async () => {
    await open().apply(web('web'));
    const calls: string[] = [];
    await open(recorded(calls)).apply(web('web'));
    expect(calls.filter((call) => !/^(stat|read)/.test(call))).toEqual([]);
  });

  it('waits for the disk for an apply, and not for a status', async () => {
    const calls: string[] = [];
    const store = open(recorded(calls));
    const syncs = async (write: () => Promise<unknown>) => {
      calls.length = 0;
      await write();
      return calls.filter((call) => call.startsWith('sync ')).length;
    };
    await store.apply(web('web'));
    await store.patchStatus(webKey('web'), { replicas: 1 }); // Makes the directories that are missing.
    // The manifest, the record and the two directories that they are in.
    expect(await syncs(() => store.apply(web('web', { replicas: 2 })))).toBe(4);
    expect(await syncs(() => store.patchStatus(webKey('web'), { replicas: 2 }))).toBe(0);
    expect(await syncs(() => store.apply(web('web', { replicas: 2 })))).toBe(0);
  });

  it('loads no schema, no YAML, no cryptography and no file watcher', async () => {
    await open().apply(web('web'));
    const reader = startStoreProcess('imports', directory);
    const said: string[] = [];
    for await (const line of reader.lines) said.push(line);
    expect(await reader.ended).toBe(0);
    const { found, loaded } = JSON.parse(said.join('')) as { found: unknown; loaded: string[] };
    expect(found).toEqual([1, 'web']);
    expect(loaded.filter((url) => /node_modules|scheme|yaml|node:crypto/.test(url))).toEqual([]);
  });

  it('finds nothing, and makes nothing, where nothing is', async () => {
    expect(await open().get(webKey('web'))).toBeUndefined();
    expect((await open().list('Deployment')).items).toEqual([]);
    expect(nodeFileSystem.stat(directory)).toBeUndefined();
  });
});

describe('watching a state directory', () => {
  let directory: string;
  let dispose: () => Promise<void>;

  beforeEach(async () => {
    ({ directory, dispose } = await temporaryDirectory());
  });

  afterEach(() => dispose());

  it('finds in time what no line of the journal tells of', async () => {
    const clock = new FakeClock();
    const store = new DirectoryStore({ clock, logger: silentLogger }, { directory });
    const record = join(directory, 'records/events/default/a.json');
    await store.apply(happening('a', 1));
    mkdirSync(join(directory, 'backup'));
    copyFileSync(record, join(directory, 'backup/a.json'));
    await store.apply(happening('a', 2));
    const watcher = startWatch(store, 'Event');
    await eventually(() => expect(watcher.story()).toEqual(['ADDED a', 'BOOKMARK']));
    await eventually(() => expect(clock.pending).toBe(1)); // It has looked at everything once.
    copyFileSync(join(directory, 'backup/a.json'), record);
    await clock.advance(30_000);
    await expect(watcher.ended).rejects.toMatchObject({ reason: 'Expired' });
    const again = startWatch(store, 'Event');
    await eventually(() => expect(again.events[0]).toMatchObject({ object: { spec: { count: 1 } } }));
    again.stop();
    await again.ended;
    expect(clock.pending).toBe(0);
  });

  it('finds that a file was lost', async () => {
    const clock = new FakeClock();
    const store = new DirectoryStore({ clock, logger: silentLogger }, { directory });
    await store.apply(happening('a', 1));
    const watcher = startWatch(store, 'Event');
    await eventually(() => expect(clock.pending).toBe(1));
    rmSync(join(directory, 'records/events/default/a.json'));
    await clock.advance(30_000);
    await expect(watcher.ended).rejects.toMatchObject({ reason: 'Expired' });
  });

  it('leaves nothing running once its signal is given, even to a reader that has gone away', async () => {
    const clock = new FakeClock();
    const store = new DirectoryStore({ clock, logger: silentLogger }, { directory });
    const abort = new AbortController();
    const iterator = store.watch('Deployment', { signal: abort.signal })[Symbol.asyncIterator]();
    await iterator.next();
    await eventually(() => expect(clock.pending).toBe(1));
    abort.abort();
    expect(clock.pending).toBe(0);
  });
});
