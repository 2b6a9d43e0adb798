import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Deployment } from '../../../api/v1alpha1/types.ts';
import { eventually } from '../../../test/support/eventually.ts';
import { FakeClock } from '../../../test/support/fake-clock.ts';
import { FakeLogger } from '../../../test/support/fake-logger.ts';
import { silentLogger } from '../../../test/support/silent.ts';
import { temporaryDirectory } from '../../../test/support/store-directory.ts';
import { web, webKey } from '../../../test/support/store-objects.ts';
import { type StoreProcess, startStoreProcess } from '../../../test/support/store-process.ts';
import { contents, describeObjects } from '../../../test/support/store-scenario.ts';
import { startWatch, type Watcher } from '../../../test/support/store-watcher.ts';
import { DirectoryStore } from './directory-store.ts';

const SCALE = Number(process.env.PEERCOMPUTE_TEST_SCALE ?? 1);

describe('a state directory that processes share', () => {
  let directory: string;
  let dispose: () => Promise<void>;
  let store: DirectoryStore;
  const processes: StoreProcess[] = [];
  const watchers: Watcher<'Deployment'>[] = [];
  const watch = (resourceVersion?: string) => {
    const watcher = startWatch(store, 'Deployment', resourceVersion === undefined ? {} : { resourceVersion });
    watchers.push(watcher);
    return watcher;
  };
  const start = (name: string, ...args: string[]) => {
    const started = startStoreProcess(name, directory, ...args);
    processes.push(started);
    return started;
  };

  beforeEach(async () => {
    ({ directory, dispose } = await temporaryDirectory());
    store = new DirectoryStore({ clock: new FakeClock(), logger: silentLogger }, { directory });
  });

  afterEach(async () => {
    for (const { stop, ended } of watchers.splice(0)) {
      stop();
      await ended;
    }
    for (const { kill, ended } of processes.splice(0)) {
      kill();
      await ended;
    }
    await dispose();
  });

  it(
    `S6 gives one of two that write the same object a conflict each time, and loses no update`,
    async () => {
      const rounds = 50 * SCALE;
      await store.apply(web('web'));
      const pair = [start('counter'), start('counter')];
      const said = pair.map(({ lines }) => lines[Symbol.asyncIterator]());
      const answers = async () =>
        (await Promise.all(said.map((lines) => lines.next()))).map(({ value }) => value);
      expect(await answers()).toEqual(['ready', 'ready']);
      for (let round = 1; round <= rounds; round++) {
        const { metadata } = (await store.get(webKey('web'))) ?? {};
        for (const { tell } of pair) tell(metadata?.resourceVersion ?? '');
        expect((await answers()).sort()).toEqual(['conflict', 'done']);
        expect((await store.get(webKey('web')))?.spec.minReadySeconds).toBe(round);
      }
    },
    60_000 * SCALE,
  );

  it('lets several write at once, and tells a watcher of all of them, in order', async () => {
    const watcher = watch();
    await eventually(() => expect(watcher.story()).toEqual(['BOOKMARK']));
    const writers = [start('writer', '0', '60'), start('writer', '60', '120'), start('writer', '120', '180')];
    expect(await Promise.all(writers.map(({ ended }) => ended))).toEqual([0, 0, 0]);
    await eventually(async () => expect(describeObjects(believed(watcher))).toBe(await contents(store)));
    const versions = watcher.events.map((event) =>
      Number(event.type === 'BOOKMARK' ? event.resourceVersion : event.object.metadata.resourceVersion),
    );
    expect(versions).toEqual([...new Set(versions)].sort((a, b) => a - b));
  }, 60_000);

  it('resumes a watch over what another process wrote', async () => {
    await store.apply(web('web'));
    const { resourceVersion } = await store.list('Deployment');
    expect(await start('writer', '0', '10').ended).toBe(0);
    const watcher = watch(resourceVersion);
    const others = (await store.list('Deployment')).items.filter(({ metadata }) => metadata.name !== 'web');
    await eventually(() => expect(believed(watcher)).toEqual(others));
  }, 30_000);

  it('answers Timeout with the holder when another process keeps the lock', async () => {
    mkdirSync(directory);
    const holder = start('holder');
    await holder.lines[Symbol.asyncIterator]().next();
    const hasty = new DirectoryStore(
      { clock: new FakeClock(), logger: new FakeLogger() },
      { directory, lockTimeoutMilliseconds: 50 },
    );
    await expect(hasty.apply(web('web'))).rejects.toMatchObject({
      reason: 'Timeout',
      message: expect.stringContaining(`process ${holder.pid} `),
    });
    holder.kill();
    await holder.ended;
    expect(existsSync(join(directory, 'lock'))).toBe(true);
    expect((await hasty.apply(web('web'))).operation).toBe('created');
  });
});

/** What a watcher believes there is. */
function believed(watcher: Watcher<'Deployment'>): Deployment[] {
  const objects = new Map<string, Deployment>();
  for (const event of watcher.events) {
    if (event.type === 'BOOKMARK') continue;
    if (event.type === 'DELETED') objects.delete(event.object.metadata.name);
    else objects.set(event.object.metadata.name, event.object);
  }
  return [...objects.values()].sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
}
