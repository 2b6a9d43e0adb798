import { readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { eventually, until } from '../../../test/support/eventually.ts';
import { happening, web, webKey } from '../../../test/support/store-objects.ts';
import { MANIFEST, Person } from '../../../test/support/store-person.ts';

describe('a person in the state directory', () => {
  let person: Person;

  beforeEach(async () => {
    person = await Person.create();
  });

  afterEach(() => person.leave());

  it('finds manifests without bookkeeping, which only the owner can read', async () => {
    await person.store.apply(
      web('web', {}, { labels: { a: '1' }, signature: 'signed', finalizers: ['test/wait'] }),
    );
    await person.store.patchStatus(webKey('web'), { replicas: 1 });
    expect(readFileSync(person.file, 'utf8')).toMatch(
      /^apiVersion: .*\nkind: .*\nmetadata:\n {2}name: web\n {2}namespace: default\n {2}labels:\n {4}a: '1'\nspec:\n/,
    );
    expect(readFileSync(person.file, 'utf8')).not.toMatch(/uid|signed|status|finalizers|generation/);
    expect(statSync(person.file).mode & 0o777).toBe(0o600);
    expect(statSync(dirname(person.file)).mode & 0o777).toBe(0o700);
  });

  it('creates an object by putting a manifest there', async () => {
    person.write(MANIFEST);
    expect(await person.get()).toMatchObject({
      metadata: { name: 'web', namespace: 'default', generation: 1, uid: expect.any(String) },
      spec: { replicas: 2, state: 'Running' },
    });
    expect((await person.store.list('Deployment')).items).toHaveLength(1);
    expect(readFileSync(person.file, 'utf8')).toBe(MANIFEST);
  });

  it('changes the spec by an edit, and keeps identity and comments', async () => {
    person.write(MANIFEST);
    const before = await person.get();
    person.edit((text) => text.replace('replicas: 2', 'replicas: 5 # more'));
    expect(await person.get()).toMatchObject({
      metadata: { uid: before?.metadata.uid, generation: 2 },
      spec: { replicas: 5 },
    });
    await person.store.patch(webKey('web'), { metadata: { finalizers: ['test/wait'] } });
    await person.store.patchStatus(webKey('web'), { replicas: 1 });
    await person.store.apply({ ...web('web'), spec: (await person.get())?.spec as never });
    expect(readFileSync(person.file, 'utf8')).toContain('# more');
  });

  it('moves nothing by an edit that says the same', async () => {
    person.write(MANIFEST);
    const before = await person.get();
    person.edit((text) => `# another remark\n${text}`);
    expect(await person.get()).toEqual(before);
    expect((await person.store.list('Deployment')).resourceVersion).toBe(before?.metadata.resourceVersion);
  });

  it('deletes an object by removing its manifest for good', async () => {
    await person.store.apply(web('web'));
    rmSync(person.file);
    expect(await person.get()).toBeDefined();
    await eventually(async () => expect(await person.get()).toBeUndefined());
    expect((await person.store.list('Deployment')).items).toEqual([]);
    await person.store.apply(web('held', {}, { finalizers: ['test/wait'] }));
    rmSync(dirname(person.file), { recursive: true });
    const held = await until(async () => {
      const object = await person.get('held');
      return object?.metadata.deletionTimestamp ? object : undefined;
    });
    expect(held.metadata.finalizers).toEqual(['test/wait']);
    await person.store.patch(webKey('held'), { metadata: { finalizers: [] } });
    expect(await person.get('held')).toBeUndefined();
  });

  it('can replace a manifest by removing it first, as editors do', async () => {
    await person.store.apply(web('web'));
    const before = await person.get();
    renameSync(person.file, `${person.file}~`);
    expect(await person.get()).toEqual(before);
    person.write(readFileSync(`${person.file}~`, 'utf8').replace('replicas: 1', 'replicas: 6'));
    expect(await person.get()).toMatchObject({
      metadata: { uid: before?.metadata.uid },
      spec: { replicas: 6 },
    });
  });

  it('can put a manifest back while the object of that name is being deleted: the next one', async () => {
    await person.store.apply(web('web', {}, { finalizers: ['test/wait'] }));
    const first = await person.store.delete(webKey('web'));
    person.write(MANIFEST);
    expect((await person.get())?.metadata.uid).toBe(first?.metadata.uid);
    await person.store.patch(webKey('web'), { metadata: { finalizers: [] } });
    const second = await person.get();
    expect(second).toMatchObject({ spec: { replicas: 2 } });
    expect(second?.metadata.uid).not.toBe(first?.metadata.uid);
  });

  it("changes another peer's spec and not its signature, so that the change shows", async () => {
    const owner = '12D3KooWalice';
    await person.store.apply(web('web', {}, { owner, signature: 'signed' }));
    const path = join(person.directory, `manifests/deployments/${owner}/default/web.yaml`);
    person.write(readFileSync(path, 'utf8').replace('replicas: 1', 'replicas: 100'), path);
    expect(await person.store.get(webKey('web', { owner }))).toMatchObject({
      metadata: { owner, signature: 'signed', generation: 2 },
      spec: { replicas: 100 },
    });
  });

  it('finds no manifests of what only machines write', async () => {
    await person.store.apply(happening('event', 1));
    expect(readdirSync(person.directory)).not.toContain('manifests');
  });
});
