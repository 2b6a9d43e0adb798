import {
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { findCondition } from '../../../api/meta/condition.ts';
import { eventually, until } from '../../../test/support/eventually.ts';
import { FakeClock } from '../../../test/support/fake-clock.ts';
import { FakeLogger } from '../../../test/support/fake-logger.ts';
import { temporaryDirectory } from '../../../test/support/store-directory.ts';
import { happening, web, webKey } from '../../../test/support/store-objects.ts';
import { startWatch } from '../../../test/support/store-watcher.ts';
import { DirectoryStore } from './directory-store.ts';
import { type FileSystem, nodeFileSystem } from './file-system.ts';

const MANIFEST = `# the front door
apiVersion: peercompute.dev/v1alpha1
kind: Deployment
metadata: {name: web}
spec:
  placement: {peers: [alice]}
  replicas: 2
  template: {spec: {containers: [{name: web, image: "nginx:alpine"}]}}
`;

describe('a person in the state directory', () => {
  let directory: string;
  let dispose: () => Promise<void>;
  let store: DirectoryStore;
  let logger: FakeLogger;
  let file: string;
  let stopWatching = () => {};

  beforeEach(async () => {
    ({ directory, dispose } = await temporaryDirectory());
    logger = new FakeLogger();
    store = new DirectoryStore({ clock: new FakeClock(), logger }, { directory });
    file = join(directory, 'manifests/deployments/default/web.yaml');
  });

  afterEach(async () => {
    stopWatching();
    await dispose();
  });

  /** Writes a file as if it had been some time ago: what is being written is not read yet. */
  function write(path: string, text: string): void {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    const past = new Date(Date.now() - 1000);
    utimesSync(path, past, past);
  }

  const edit = (change: (text: string) => string) => write(file, change(readFileSync(file, 'utf8')));
  const get = (name = 'web') => store.get(webKey(name));
  const parsed = async () => findCondition((await get())?.status?.conditions, 'Parsed');

  it('finds manifests without bookkeeping, which only the owner can read', async () => {
    await store.apply(web('web', {}, { labels: { a: '1' }, signature: 'signed', finalizers: ['test/wait'] }));
    await store.patchStatus(webKey('web'), { replicas: 1 });
    expect(readFileSync(file, 'utf8')).toMatch(
      /^apiVersion: .*\nkind: .*\nmetadata:\n {2}name: web\n {2}namespace: default\n {2}labels:\n {4}a: '1'\nspec:\n/,
    );
    expect(readFileSync(file, 'utf8')).not.toMatch(/uid|signed|status|finalizers|generation/);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(dirname(file)).mode & 0o777).toBe(0o700);
  });

  it('creates an object by putting a manifest there', async () => {
    write(file, MANIFEST);
    expect(await get()).toMatchObject({
      metadata: { name: 'web', namespace: 'default', generation: 1, uid: expect.any(String) },
      spec: { replicas: 2, state: 'Running' },
    });
    expect((await store.list('Deployment')).items).toHaveLength(1);
    expect(readFileSync(file, 'utf8')).toBe(MANIFEST);
  });

  it('changes the spec by an edit, and keeps identity and comments', async () => {
    write(file, MANIFEST);
    const before = await get();
    edit((text) => text.replace('replicas: 2', 'replicas: 5 # more'));
    expect(await get()).toMatchObject({
      metadata: { uid: before?.metadata.uid, generation: 2 },
      spec: { replicas: 5 },
    });
    await store.patch(webKey('web'), { metadata: { finalizers: ['test/wait'] } });
    await store.patchStatus(webKey('web'), { replicas: 1 });
    await store.apply({ ...web('web'), spec: (await get())?.spec as never });
    expect(readFileSync(file, 'utf8')).toContain('# more');
  });

  it('moves nothing by an edit that says the same', async () => {
    write(file, MANIFEST);
    const before = await get();
    edit((text) => `# another remark\n${text}`);
    expect(await get()).toEqual(before);
    expect((await store.list('Deployment')).resourceVersion).toBe(before?.metadata.resourceVersion);
  });

  it('keeps the last good spec in force while the manifest is invalid, and is told where', async () => {
    write(file, MANIFEST);
    const before = await get();
    edit((text) => text.replace('replicas: 2', 'replicas: -2'));
    expect(await get()).toMatchObject({ metadata: { generation: 1 }, spec: before?.spec as object });
    expect(await parsed()).toMatchObject({
      status: 'False',
      reason: 'InvalidManifest',
      message: `${file}:7: spec.replicas: must not be negative`,
    });
    expect(await store.problems()).toEqual([
      { file, line: 7, path: 'spec.replicas', message: 'must not be negative' },
    ]);
    const { metadata } = (await get()) ?? {};
    const conditions = (await get())?.status?.conditions as never;
    await store.patchStatus(webKey('web'), { replicas: 1, conditions });
    await store.patchStatus(webKey('web'), { conditions: [] });
    expect(await parsed()).toMatchObject({ status: 'False' });
    await store.patchStatus(webKey('web'), { conditions });
    edit((text) => text.replace('replicas: -2', 'replicas: 3'));
    expect(await get()).toMatchObject({
      metadata: { generation: 2, uid: metadata?.uid },
      spec: { replicas: 3 },
    });
    expect(await parsed()).toBeUndefined();
    expect(await store.problems()).toEqual([]);
  });

  it('makes the condition go by undoing the edit', async () => {
    write(file, MANIFEST);
    const before = await get();
    write(file, 'nonsense: [');
    expect(await parsed()).toMatchObject({ message: expect.stringContaining('not valid YAML') });
    write(file, MANIFEST);
    expect(await get()).toEqual({
      ...before,
      metadata: { ...before?.metadata, resourceVersion: expect.any(String) },
    });
  });

  it.each([
    [
      'another name',
      MANIFEST.replace('name: web}', 'name: other}'),
      /:2: metadata.name: must be web, as its place says/,
    ],
    [
      'another namespace',
      MANIFEST.replace('name: web}', 'name: web, namespace: prod}'),
      /metadata.namespace: must be default/,
    ],
    ['another kind', MANIFEST.replace('kind: Deployment', 'kind: TrustedPeer'), /.*/],
    ['two objects', `${MANIFEST}---\n${MANIFEST}`, /a second object; give it a file of its own/],
    ['nothing', '# nothing yet\n', /is empty; remove the file to delete the object/],
  ])('is told when a new file holds %s', async (_, text, message) => {
    write(file, text);
    expect(await get()).toBeUndefined();
    expect((await store.list('Deployment')).items).toEqual([]);
    expect(logger.at('warn').map(({ fields }) => fields.problem)).toEqual([expect.stringMatching(message)]);
    expect(await store.problems()).not.toEqual([]);
  });

  it('is told of files that nothing will ever read', async () => {
    write(file.replace('web.yaml', 'web.yml'), MANIFEST);
    write(file.replace('web.yaml', 'Web_1.yaml'), MANIFEST);
    write(file.replace('web.yaml', '.web.yaml.swp'), MANIFEST);
    write(file.replace('web.yaml', 'web.yaml~'), MANIFEST);
    expect((await store.problems()).map(({ message }) => message)).toEqual([
      expect.stringContaining('is not named as an object can be'),
      expect.stringContaining('is not looked at'),
    ]);
    expect((await store.list('Deployment')).items).toEqual([]);
  });

  it('finds what was overwritten in the quarantine, when it was invalid', async () => {
    write(file, MANIFEST);
    await get();
    write(file, 'my unfinished work');
    expect(await parsed()).toBeDefined();
    await store.apply(web('web', { replicas: 3 }));
    expect(await parsed()).toBeUndefined();
    const [kept] = readdirSync(join(directory, 'quarantine'));
    expect(readFileSync(join(directory, 'quarantine', kept as string), 'utf8')).toBe('my unfinished work');
  });

  it('can have an invalid new file replaced by an apply', async () => {
    write(file, 'nonsense');
    expect((await store.apply(web('web'))).operation).toBe('created');
    expect(await get()).toMatchObject({ spec: { replicas: 1 } });
    expect(readdirSync(join(directory, 'quarantine'))).toHaveLength(1);
  });

  it('repairs an invalid manifest by an identical apply', async () => {
    await store.apply(web('web'));
    write(file, 'nonsense');
    expect(await parsed()).toBeDefined();
    expect((await store.apply(web('web'))).operation).toBe('configured');
    expect(await parsed()).toBeUndefined();
    expect((await store.apply(web('web'))).operation).toBe('unchanged');
  });

  it('deletes an object by removing its manifest for good', async () => {
    await store.apply(web('web'));
    rmSync(file);
    expect(await get()).toBeDefined();
    await eventually(async () => expect(await get()).toBeUndefined());
    expect((await store.list('Deployment')).items).toEqual([]);
    await store.apply(web('held', {}, { finalizers: ['test/wait'] }));
    rmSync(dirname(file), { recursive: true });
    const held = await until(async () => {
      const object = await get('held');
      return object?.metadata.deletionTimestamp ? object : undefined;
    });
    expect(held.metadata.finalizers).toEqual(['test/wait']);
    await store.patch(webKey('held'), { metadata: { finalizers: [] } });
    expect(await get('held')).toBeUndefined();
  });

  it('can replace a manifest by removing it first, as editors do', async () => {
    await store.apply(web('web'));
    const before = await get();
    renameSync(file, `${file}~`);
    expect(await get()).toEqual(before);
    write(file, readFileSync(`${file}~`, 'utf8').replace('replicas: 1', 'replicas: 6'));
    expect(await get()).toMatchObject({ metadata: { uid: before?.metadata.uid }, spec: { replicas: 6 } });
  });

  it('can put a manifest back while the object of that name is being deleted: the next one', async () => {
    await store.apply(web('web', {}, { finalizers: ['test/wait'] }));
    const first = await store.delete(webKey('web'));
    write(file, MANIFEST);
    expect((await get())?.metadata.uid).toBe(first?.metadata.uid);
    await store.patch(webKey('web'), { metadata: { finalizers: [] } });
    const second = await get();
    expect(second).toMatchObject({ spec: { replicas: 2 } });
    expect(second?.metadata.uid).not.toBe(first?.metadata.uid);
  });

  it("changes another peer's spec and not its signature, so that the change shows", async () => {
    const owner = '12D3KooWalice';
    await store.apply(web('web', {}, { owner, signature: 'signed' }));
    const path = join(directory, `manifests/deployments/${owner}/default/web.yaml`);
    write(path, readFileSync(path, 'utf8').replace('replicas: 1', 'replicas: 100'));
    expect(await store.get(webKey('web', { owner }))).toMatchObject({
      metadata: { owner, signature: 'signed', generation: 2 },
      spec: { replicas: 100 },
    });
  });

  it('finds no manifests of what only machines write', async () => {
    await store.apply(happening('event', 1));
    expect(readdirSync(directory)).not.toContain('manifests');
  });

  it('is noticed by whoever watches', async () => {
    await store.apply(web('old'));
    const watcher = startWatch(store, 'Deployment');
    stopWatching = watcher.stop;
    const tells = (story: string[]) => eventually(() => expect(watcher.story()).toEqual(story));
    await tells(['ADDED old', 'BOOKMARK']);
    writeFileSync(file, MANIFEST);
    await tells(['ADDED old', 'BOOKMARK', 'ADDED web']);
    writeFileSync(file, MANIFEST.replace('replicas: 2', 'replicas: 3'));
    await tells(['ADDED old', 'BOOKMARK', 'ADDED web', 'MODIFIED web']);
    rmSync(file);
    await tells(['ADDED old', 'BOOKMARK', 'ADDED web', 'MODIFIED web', 'DELETED web']);
  });

  it('loses no edit that comes in the moment of a write', async () => {
    await store.apply(web('web'));
    let isEdited = false;
    const slow: FileSystem = {
      ...nodeFileSystem,
      sync: async (fd) => {
        if (!isEdited) edit((text) => text.replace('replicas: 1', 'replicas: 8'));
        isEdited = true;
        await nodeFileSystem.sync(fd);
      },
    };
    const other = new DirectoryStore({ clock: new FakeClock(), logger, fileSystem: slow }, { directory });
    const patched = await other.patch(webKey('web'), { metadata: { labels: { a: '1' } } });
    expect(patched).toMatchObject({ metadata: { labels: { a: '1' }, generation: 2 }, spec: { replicas: 8 } });
    expect(await get()).toEqual(patched);
  });

  it('is not read before the pen is put down', async () => {
    write(file, MANIFEST);
    await get();
    let looks = 0;
    const busy: FileSystem = {
      ...nodeFileSystem,
      now: () => {
        looks += 1;
        if (looks === 2) writeFileSync(file, MANIFEST.replace('replicas: 2', 'replicas: 4'));
        return statSync(file).mtimeMs + (looks > 2 ? 1000 : 10);
      },
    };
    writeFileSync(file, MANIFEST.slice(0, -20));
    const other = new DirectoryStore({ clock: new FakeClock(), logger, fileSystem: busy }, { directory });
    expect(await other.get(webKey('web'))).toMatchObject({
      metadata: { generation: 2 },
      spec: { replicas: 4 },
    });
  });
});
