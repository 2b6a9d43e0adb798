import { web, webKey } from '../support/store-objects.ts';
import { itWith, type StoreSuite } from './store.ts';

export function describeDelete(suite: StoreSuite): void {
  const store = () => suite.store();
  const held = (finalizers: string[]) => web('web', {}, { finalizers });

  describe('delete', () => {
    it('answers undefined for what is absent', async () => {
      expect(await store().delete(webKey('web'))).toBeUndefined();
    });

    it('removes an object without finalizers, and the next one is another', async () => {
      const { object } = await store().apply(web('web'));
      expect((await store().delete(webKey('web')))?.metadata.uid).toBe(object.metadata.uid);
      expect(await store().get(webKey('web'))).toBeUndefined();
      const again = await store().apply(web('web'));
      expect(again.operation).toBe('created');
      expect(again.object.metadata.uid).not.toBe(object.metadata.uid);
    });

    it('refuses when uid or version are not as expected', async () => {
      const { object } = await store().apply(web('web'));
      for (const options of [{ uid: 'another' }, { resourceVersion: '0' }])
        await expect(store().delete(webKey('web'), options)).rejects.toMatchObject({ reason: 'Conflict' });
      expect(await store().get(webKey('web'))).toEqual(object);
    });

    it('answers a dry run as if deleted, and deletes nothing', async () => {
      const { object } = await store().apply(web('web'));
      expect((await store().delete(webKey('web'), { dryRun: true }))?.metadata.uid).toBe(object.metadata.uid);
      expect(await store().get(webKey('web'))).toEqual(object);
    });

    itWith(suite, 'bookkeeping')(
      'marks an object with finalizers and removes it with the last of them',
      async () => {
        await store().apply(held(['test/a', 'test/b']));
        const marked = await store().delete(webKey('web'), { gracePeriodSeconds: 30 });
        expect(marked?.metadata).toMatchObject({
          deletionTimestamp: expect.any(String),
          deletionGracePeriodSeconds: 30,
          generation: 1,
        });
        expect(await store().get(webKey('web'))).toEqual(marked);
        await store().patch(webKey('web'), { metadata: { finalizers: ['test/b'] } });
        expect(await store().get(webKey('web'))).toBeDefined();
        await store().patch(webKey('web'), { metadata: { finalizers: [] } });
        expect(await store().get(webKey('web'))).toBeUndefined();
      },
    );

    itWith(suite, 'bookkeeping')(
      'is a no-op the second time, unless the grace period becomes shorter',
      async () => {
        await store().apply(held(['test/a']));
        const first = await store().delete(webKey('web'), { gracePeriodSeconds: 30 });
        expect(await store().delete(webKey('web'))).toEqual(first);
        expect(await store().delete(webKey('web'), { gracePeriodSeconds: 60 })).toEqual(first);
        const shorter = await store().delete(webKey('web'), { gracePeriodSeconds: 0 });
        expect(shorter?.metadata).toMatchObject({
          deletionGracePeriodSeconds: 0,
          deletionTimestamp: first?.metadata.deletionTimestamp,
        });
      },
    );

    itWith(suite, 'bookkeeping')(
      'lets nothing be applied, and no finalizer be added, while under way',
      async () => {
        await store().apply(held(['test/a']));
        await store().delete(webKey('web'));
        await expect(store().apply(web('web', { replicas: 2 }))).rejects.toMatchObject({
          reason: 'Conflict',
        });
        await expect(
          store().patch(webKey('web'), { metadata: { finalizers: ['test/a', 'test/late'] } }),
        ).rejects.toMatchObject({ reason: 'Invalid' });
      },
    );
  });
}
