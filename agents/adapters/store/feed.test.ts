import { formatKey } from '../../../api/meta/object.ts';
import { FakeClock } from '../../../test/support/fake-clock.ts';
import { silentLogger } from '../../../test/support/silent.ts';
import { web, webKey } from '../../../test/support/store-objects.ts';
import { DIRECTORY, openStore, SIMULATED_PROCESS } from '../../../test/support/store-simulated.ts';
import { SimulatedDisk } from '../../../test/support/store-simulated-disk.ts';
import type { DirectoryStore } from './directory-store.ts';
import { Feed } from './feed.ts';
import { StateDirectory } from './state-directory.ts';

describe('Feed', () => {
  let disk: SimulatedDisk;
  let store: DirectoryStore;
  let feed: Feed;
  let directory: StateDirectory;

  beforeEach(() => {
    disk = new SimulatedDisk();
    store = openStore(disk);
    directory = openDirectory();
    feed = new Feed({ directory }, { kind: 'Deployment', revision: 0 });
  });

  function openDirectory(): StateDirectory {
    const components = { clock: new FakeClock(), logger: silentLogger, fileSystem: disk };
    return new StateDirectory({ ...components, process: SIMULATED_PROCESS }, { directory: DIRECTORY });
  }

  /** What the feed tells when it looks only now. */
  function told(): string[] {
    const position = feed.window.position;
    feed.poll();
    return (feed.window.since(position) ?? []).map(
      ({ type, object, before }) =>
        `${type} ${object.metadata.name}@${object.metadata.resourceVersion} ${JSON.stringify(before ?? {})}`,
    );
  }

  it('tells each write, when it looks after each', async () => {
    await store.apply(web('a'));
    expect(told()).toEqual(['ADDED a@1 {}']);
    await store.patchStatus(webKey('a'), { replicas: 1 });
    expect(told()).toEqual(['MODIFIED a@2 {}']);
    await store.delete(webKey('a'));
    expect(told()).toEqual(['DELETED a@3 {}']);
    expect(told()).toEqual([]);
  });

  it('tells an object that was created and changed since as created', async () => {
    await store.apply(web('a', {}, { labels: { v: '1' } }));
    await store.apply(web('a', {}, { labels: { v: '2' } }));
    expect(told()).toEqual(['ADDED a@2 {}']);
  });

  it('tells several changes as one, from the labels that were there before the first', async () => {
    await store.apply(web('a', {}, { labels: { v: '1' } }));
    told();
    await store.apply(web('a', {}, { labels: { v: '2' } }));
    await store.apply(web('b'));
    await store.apply(web('a', {}, { labels: { v: '3' } }));
    expect(told()).toEqual(['ADDED b@3 {}', 'MODIFIED a@4 {"v":"1"}']);
  });

  it('tells nothing of an object that came and went, and both of one that went and came', async () => {
    await store.apply(web('old'));
    told();
    await store.apply(web('brief'));
    await store.delete(webKey('brief'));
    await store.delete(webKey('old'));
    await store.apply(web('old'));
    expect(told()).toEqual(['DELETED old@4 {}', 'ADDED old@5 {}']);
  });

  it('tells nothing of a write that failed', async () => {
    await store.apply(web('a'));
    told();
    const { makeDirectory } = disk;
    disk.makeDirectory = () => {
      throw Object.assign(new Error('full'), { code: 'ENOSPC', syscall: 'mkdir' });
    };
    await expect(store.apply(web('b', {}, { namespace: 'new' }))).rejects.toMatchObject({
      reason: 'ServiceUnavailable',
    });
    disk.makeDirectory = makeDirectory;
    expect(told()).toEqual([]);
    await store.apply(web('b', {}, { namespace: 'new' }));
    expect(told()).toEqual(['ADDED b@3 {}']);
  });

  it('tells nothing of a delete that failed, and one of the next', async () => {
    await store.apply(web('a'));
    told();
    const { unlink } = disk;
    disk.unlink = (path) => {
      if (path.endsWith('.yaml'))
        throw Object.assign(new Error('rotten'), { code: 'EIO', syscall: 'unlink' });
      unlink.call(disk, path);
    };
    await expect(store.delete(webKey('a'))).rejects.toMatchObject({ reason: 'ServiceUnavailable' });
    expect(told()).toEqual([]);
    disk.unlink = unlink;
    await store.delete(webKey('a'));
    expect(told()).toEqual(['DELETED a@3 {}']);
  });

  it('tells of the next object of a name as soon as the one before it has gone', async () => {
    await store.apply(web('a', {}, { finalizers: ['test/wait'] }));
    const path = `${DIRECTORY}/manifests/deployments/default/a.yaml`;
    const text = disk.readText(path);
    await store.delete(webKey('a'));
    told();
    const fd = disk.open(path, 'w');
    disk.write(fd, Buffer.from(text));
    disk.close(fd);
    await store.patch(webKey('a'), { metadata: { finalizers: [] } });
    expect(told()).toEqual(['DELETED a@3 {}', 'ADDED a@4 {}']);
  });

  it('holds one spec for all versions that have the same', async () => {
    await store.apply(web('a'));
    told();
    await store.patchStatus(webKey('a'), { replicas: 1 });
    told();
    await store.apply(web('a', { replicas: 2 }));
    told();
    const [first, second, third] = feed.window.since(0) ?? [];
    expect(second?.object.spec).toBe(first?.object.spec);
    expect(third?.object.spec).toMatchObject({ replicas: 2 });
  });

  it('waits for a write that is under way, and for no other', async () => {
    await store.apply(web('a'));
    const writer = openDirectory();
    await writer.turns.take(async (nonce) => {
      const key = formatKey(webKey('a'));
      await writer.revisions.announce({ lock: nonce, type: 'MODIFIED', key }, 1);
      expect(told()).toEqual(['ADDED a@1 {}']);
      expect(feed.revision).toBe(1);
    });
    expect(told()).toEqual([]);
    expect(feed.revision).toBe(2);
  });

  it('looks at nothing while a write of its own process is under way: it is told when that ends', async () => {
    await store.apply(web('a'));
    const { readBytes } = disk;
    await directory.turns.take(async (nonce) => {
      disk.readBytes = () => {
        throw new Error('it looked');
      };
      expect(told()).toEqual([]);
      disk.readBytes = readBytes;
      feed.poll(nonce);
    });
    expect(feed.revision).toBe(1);
  });

  describe('compared with what there is', () => {
    const found = new Map([[formatKey(webKey('a')), 1]]);
    const nothing = new Map<string, number>();
    let before: number;

    beforeEach(async () => {
      await store.apply(web('a'));
      told();
      expect(feed.compare(found)).toBe(true);
      before = feed.window.position;
    });

    it('starts anew where something is gone that nobody has deleted', async () => {
      disk.unlink(`${DIRECTORY}/records/deployments/default/a.json`);
      expect(feed.compare(nothing)).toBe(true);
      expect(feed.window.since(before)).toBeUndefined();
    });

    it('waits for the end of a delete that is under way, and then tells of that', async () => {
      const key = formatKey(webKey('a'));
      const { turns, revisions } = openDirectory();
      await turns.take(async (lock) => {
        const object = await store.get(webKey('a'));
        await revisions.announce({ lock, type: 'DELETED', key, object }, 1);
        disk.unlink(`${DIRECTORY}/records/deployments/default/a.json`);
        expect(feed.compare(nothing)).toBe(false);
      });
      expect(feed.compare(nothing)).toBe(false);
      expect(feed.compare(nothing)).toBe(true);
      expect(feed.window.since(before)).toMatchObject([{ type: 'DELETED' }]);
    });
  });
});
