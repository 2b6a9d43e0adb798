import { parseSelector } from '../../api/meta/labels.ts';
import type { WatchOptions } from '../../controllers/ports/store.ts';
import { eventually } from '../support/eventually.ts';
import { web, webKey } from '../support/store-objects.ts';
import { startWatch, type Watcher } from '../support/store-watcher.ts';
import { itWith, type StoreSuite } from './store.ts';
import { describeWatchBar } from './store-watch-bar.ts';

export function describeWatch(suite: StoreSuite): void {
  const store = () => suite.store();
  const watchers: Watcher<'Deployment'>[] = [];
  const watch = (options?: Omit<WatchOptions, 'signal'>) => {
    const watcher = startWatch(store(), 'Deployment', options);
    watchers.push(watcher);
    return watcher;
  };
  const tells = (watcher: Watcher<'Deployment'>, story: string[]) =>
    eventually(() => expect(watcher.story()).toEqual(story));

  describe('watch', () => {
    afterEach(async () => {
      for (const watcher of watchers.splice(0)) {
        watcher.stop();
        await watcher.ended.catch(() => undefined); // A test that expects an error has looked at it.
      }
    });

    it('begins with every object and a bookmark, and goes on with each write', async () => {
      await store().apply(web('old'));
      const watcher = watch();
      await tells(watcher, ['ADDED old', 'BOOKMARK']);
      await store().apply(web('new'));
      await store().patch(webKey('new'), { spec: { replicas: 2 } });
      await store().delete(webKey('old'));
      await tells(watcher, ['ADDED old', 'BOOKMARK', 'ADDED new', 'MODIFIED new', 'DELETED old']);
    });

    it('tells nothing about writes that moved nothing', async () => {
      await store().apply(web('web'));
      const watcher = watch();
      await tells(watcher, ['ADDED web', 'BOOKMARK']);
      await store().apply(web('web'));
      await store().patch(webKey('web'), { spec: { replicas: 1 } });
      await store().apply(web('dry'), { dryRun: true });
      await store().apply(web('last'));
      await tells(watcher, ['ADDED web', 'BOOKMARK', 'ADDED last']);
    });

    it('carries the object as it was written, a deleted one with the version of its end', async () => {
      const watcher = watch();
      await tells(watcher, ['BOOKMARK']);
      const { object } = await store().apply(web('web'));
      await store().delete(webKey('web'));
      await tells(watcher, ['BOOKMARK', 'ADDED web', 'DELETED web']);
      const [, added, deleted] = watcher.events;
      expect(added).toEqual({ type: 'ADDED', object });
      expect(deleted).toMatchObject({
        object: { metadata: { uid: object.metadata.uid }, spec: object.spec },
      });
      if (deleted?.type !== 'DELETED') throw new Error('not a deletion');
      expect(deleted.object.metadata.resourceVersion).not.toBe(object.metadata.resourceVersion);
    });

    it('resumes after a version without loss or repeats', async () => {
      const first = watch();
      await tells(first, ['BOOKMARK']);
      await store().apply(web('a'));
      await tells(first, ['BOOKMARK', 'ADDED a']);
      const event = first.events.at(-1);
      if (event?.type !== 'ADDED') throw new Error('not an addition');
      await store().apply(web('b'));
      await store().apply(web('b', { replicas: 2 }));
      const second = watch({ resourceVersion: event.object.metadata.resourceVersion });
      await tells(second, ['ADDED b', 'MODIFIED b']);
      await store().delete(webKey('a'));
      await tells(second, ['ADDED b', 'MODIFIED b', 'DELETED a']);
    });

    it('tells DELETED when an object stops matching the selector, and ADDED when it begins to', async () => {
      const watcher = watch({ selector: parseSelector('tier=front') });
      await tells(watcher, ['BOOKMARK']);
      await store().apply(web('web', {}, { labels: { tier: 'front' } }));
      await store().apply(web('web', { replicas: 2 }, { labels: { tier: 'front' } }));
      await store().apply(web('web', { replicas: 2 }, { labels: { tier: 'back' } }));
      await store().apply(web('web', { replicas: 3 }, { labels: { tier: 'back' } }));
      await store().apply(web('web', { replicas: 3 }, { labels: { tier: 'front' } }));
      await store().delete(webKey('web'));
      await tells(watcher, [
        'BOOKMARK',
        'ADDED web',
        'MODIFIED web',
        'DELETED web',
        'ADDED web',
        'DELETED web',
      ]);
    });

    it('tells only about the namespace asked for', async () => {
      await store().apply(web('old', {}, { namespace: 'two' }));
      const watcher = watch({ namespace: 'one' });
      await tells(watcher, ['BOOKMARK']);
      await store().apply(web('there', {}, { namespace: 'two' }));
      await store().apply(web('here', {}, { namespace: 'one' }));
      await tells(watcher, ['BOOKMARK', 'ADDED here']);
    });

    itWith(suite, 'bookkeeping')('tells only about the owner asked for', async () => {
      const watcher = watch({ owner: '12D3KooWalice' });
      await tells(watcher, ['BOOKMARK']);
      await store().apply(web('ours'));
      await store().apply(web('hers', {}, { owner: '12D3KooWalice' }));
      await tells(watcher, ['BOOKMARK', 'ADDED hers']);
    });

    it('ends without an error by its signal', async () => {
      const watcher = watch();
      await tells(watcher, ['BOOKMARK']);
      watcher.stop();
      await expect(watcher.ended).resolves.toBeUndefined();
    });

    it.each(['999999999', 'yesterday', '-1'])(
      'answers Expired for version %s, which never was',
      async (resourceVersion) => {
        await store().apply(web('web'));
        await expect(watch({ resourceVersion }).ended).rejects.toMatchObject({ reason: 'Expired' });
      },
    );

    describeWatchBar(suite);
  });
}
