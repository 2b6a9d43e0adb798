import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { web, webKey } from '../../../test/support/store-objects.ts';
import { MANIFEST, Person } from '../../../test/support/store-person.ts';

describe('a person who makes mistakes in the state directory', () => {
  let person: Person;

  beforeEach(async () => {
    person = await Person.create();
  });

  afterEach(() => person.leave());

  it('keeps the last good spec in force while the manifest is invalid, and is told where', async () => {
    person.write(MANIFEST);
    const before = await person.get();
    person.edit((text) => text.replace('replicas: 2', 'replicas: -2'));
    expect(await person.get()).toMatchObject({ metadata: { generation: 1 }, spec: before?.spec as object });
    expect(await person.parsed()).toMatchObject({
      status: 'False',
      reason: 'InvalidManifest',
      message: `${person.file}:7: spec.replicas: must not be negative`,
    });
    expect(await person.store.problems()).toEqual([
      { file: person.file, line: 7, path: 'spec.replicas', message: 'must not be negative' },
    ]);
    const { metadata } = (await person.get()) ?? {};
    const conditions = (await person.get())?.status?.conditions as never;
    await person.store.patchStatus(webKey('web'), { replicas: 1, conditions });
    await person.store.patchStatus(webKey('web'), { conditions: [] });
    expect(await person.parsed()).toMatchObject({ status: 'False' });
    await person.store.patchStatus(webKey('web'), { conditions });
    person.edit((text) => text.replace('replicas: -2', 'replicas: 3'));
    expect(await person.get()).toMatchObject({
      metadata: { generation: 2, uid: metadata?.uid },
      spec: { replicas: 3 },
    });
    expect(await person.parsed()).toBeUndefined();
    expect(await person.store.problems()).toEqual([]);
  });

  it('makes the condition go by undoing the edit', async () => {
    person.write(MANIFEST);
    const before = await person.get();
    person.write('nonsense: [');
    expect(await person.parsed()).toMatchObject({ message: expect.stringContaining('not valid YAML') });
    person.write(MANIFEST);
    expect(await person.get()).toEqual({
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
    person.write(text);
    expect(await person.get()).toBeUndefined();
    expect((await person.store.list('Deployment')).items).toEqual([]);
    expect(person.logger.at('warn').map(({ fields }) => fields.problem)).toEqual([
      expect.stringMatching(message),
    ]);
    expect(await person.store.problems()).not.toEqual([]);
  });

  it('is told of files that nothing will ever read', async () => {
    person.write(MANIFEST, person.file.replace('web.yaml', 'web.yml'));
    person.write(MANIFEST, person.file.replace('web.yaml', 'Web_1.yaml'));
    person.write(MANIFEST, person.file.replace('web.yaml', '.web.yaml.swp'));
    person.write(MANIFEST, person.file.replace('web.yaml', 'web.yaml~'));
    expect((await person.store.problems()).map(({ message }) => message)).toEqual([
      expect.stringContaining('is not named as an object can be'),
      expect.stringContaining('is not looked at'),
    ]);
    expect((await person.store.list('Deployment')).items).toEqual([]);
  });

  it('finds what was overwritten in the quarantine, when it was invalid', async () => {
    person.write(MANIFEST);
    await person.get();
    person.write('my unfinished work');
    expect(await person.parsed()).toBeDefined();
    await person.store.apply(web('web', { replicas: 3 }));
    expect(await person.parsed()).toBeUndefined();
    const [kept] = readdirSync(join(person.directory, 'quarantine'));
    expect(readFileSync(join(person.directory, 'quarantine', kept as string), 'utf8')).toBe(
      'my unfinished work',
    );
  });

  it('can have an invalid new file replaced by an apply', async () => {
    person.write('nonsense');
    expect((await person.store.apply(web('web'))).operation).toBe('created');
    expect(await person.get()).toMatchObject({ spec: { replicas: 1 } });
    expect(readdirSync(join(person.directory, 'quarantine'))).toHaveLength(1);
  });

  it('repairs an invalid manifest by an identical apply', async () => {
    await person.store.apply(web('web'));
    person.write('nonsense');
    expect(await person.parsed()).toBeDefined();
    expect((await person.store.apply(web('web'))).operation).toBe('configured');
    expect(await person.parsed()).toBeUndefined();
    expect((await person.store.apply(web('web'))).operation).toBe('unchanged');
  });
});
