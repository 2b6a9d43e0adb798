import { rmSync, statSync, writeFileSync } from 'node:fs';
import { eventually } from '../../../test/support/eventually.ts';
import { FakeClock } from '../../../test/support/fake-clock.ts';
import { web, webKey } from '../../../test/support/store-objects.ts';
import { MANIFEST, Person } from '../../../test/support/store-person.ts';
import { startWatch } from '../../../test/support/store-watcher.ts';
import { DirectoryStore } from './directory-store.ts';
import { type FileSystem, nodeFileSystem } from './file-system.ts';

describe('a person whose edit meets a program at work', () => {
  let person: Person;
  let stopWatching = () => {};

  beforeEach(async () => {
    person = await Person.create();
  });

  afterEach(() => {
    stopWatching();
    return person.leave();
  });

  it('is noticed by whoever watches', async () => {
    await person.store.apply(web('old'));
    const watcher = startWatch(person.store, 'Deployment');
    stopWatching = watcher.stop;
    const tells = (story: string[]) => eventually(() => expect(watcher.story()).toEqual(story));
    await tells(['ADDED old', 'BOOKMARK']);
    writeFileSync(person.file, MANIFEST);
    await tells(['ADDED old', 'BOOKMARK', 'ADDED web']);
    writeFileSync(person.file, MANIFEST.replace('replicas: 2', 'replicas: 3'));
    await tells(['ADDED old', 'BOOKMARK', 'ADDED web', 'MODIFIED web']);
    rmSync(person.file);
    await tells(['ADDED old', 'BOOKMARK', 'ADDED web', 'MODIFIED web', 'DELETED web']);
  });

  it('loses no edit that comes in the moment of a write', async () => {
    await person.store.apply(web('web'));
    let isEdited = false;
    const slow: FileSystem = {
      ...nodeFileSystem,
      sync: async (fd) => {
        if (!isEdited) person.edit((text) => text.replace('replicas: 1', 'replicas: 8'));
        isEdited = true;
        await nodeFileSystem.sync(fd);
      },
    };
    const other = new DirectoryStore(
      { clock: new FakeClock(), logger: person.logger, fileSystem: slow },
      { directory: person.directory },
    );
    const patched = await other.patch(webKey('web'), { metadata: { labels: { a: '1' } } });
    expect(patched).toMatchObject({ metadata: { labels: { a: '1' }, generation: 2 }, spec: { replicas: 8 } });
    expect(await person.get()).toEqual(patched);
  });

  it('is not read before the pen is put down', async () => {
    person.write(MANIFEST);
    await person.get();
    let looks = 0;
    const busy: FileSystem = {
      ...nodeFileSystem,
      now: () => {
        looks += 1;
        if (looks === 2) writeFileSync(person.file, MANIFEST.replace('replicas: 2', 'replicas: 4'));
        return statSync(person.file).mtimeMs + (looks > 2 ? 1000 : 10);
      },
    };
    writeFileSync(person.file, MANIFEST.slice(0, -20));
    const other = new DirectoryStore(
      { clock: new FakeClock(), logger: person.logger, fileSystem: busy },
      { directory: person.directory },
    );
    expect(await other.get(webKey('web'))).toMatchObject({
      metadata: { generation: 2 },
      spec: { replicas: 4 },
    });
  });
});
