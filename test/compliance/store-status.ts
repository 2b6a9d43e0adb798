import { web, webKey } from '../support/store-objects.ts';
import { itWith, type StoreSuite } from './store.ts';

export function describeStatus(suite: StoreSuite): void {
  const test = itWith(suite, 'status');
  const store = () => suite.store();
  const condition = {
    type: 'Ready',
    status: 'True',
    reason: 'Ready',
    message: 'It is.',
    lastTransitionTime: '2030-01-01T00:00:00.000Z',
  };

  describe('patchStatus', () => {
    test('merges into the status and touches nothing else', async () => {
      const { object } = await store().apply(web('web'));
      await store().patchStatus(webKey('web'), { replicas: 1, conditions: [condition] });
      const after = await store().patchStatus(webKey('web'), { readyReplicas: 1 });
      expect(after.status).toEqual({ replicas: 1, readyReplicas: 1, conditions: [condition] });
      expect(after.spec).toEqual(object.spec);
      expect(after.metadata).toEqual({ ...object.metadata, resourceVersion: expect.any(String) });
      expect(after.metadata.resourceVersion).not.toBe(object.metadata.resourceVersion);
      expect(await store().get(webKey('web'))).toEqual(after);
      expect((await store().list('Deployment')).items).toEqual([after]);
    });

    test('moves nothing when nothing differs', async () => {
      await store().apply(web('web'));
      const first = await store().patchStatus(webKey('web'), { replicas: 1 });
      expect(await store().patchStatus(webKey('web'), { replicas: 1 })).toEqual(first);
    });

    test('answers NotFound without an object, and Conflict for another version', async () => {
      await expect(store().patchStatus(webKey('web'), {})).rejects.toMatchObject({ reason: 'NotFound' });
      const { object } = await store().apply(web('web'));
      await store().patchStatus(webKey('web'), { replicas: 1 });
      const { resourceVersion } = object.metadata;
      await expect(
        store().patchStatus(webKey('web'), { replicas: 2 }, { resourceVersion }),
      ).rejects.toMatchObject({ reason: 'Conflict' });
    });

    test('survives an apply, a patch and the first phase of a delete', async () => {
      await store().apply(web('web'));
      const { status } = await store().patchStatus(webKey('web'), { replicas: 1 });
      await store().apply(web('web', { replicas: 2 }));
      await store().patch(webKey('web'), { spec: { replicas: 3 } });
      if (suite.traits.bookkeeping) {
        await store().patch(webKey('web'), { metadata: { finalizers: ['test/a'] } });
        await store().delete(webKey('web'));
      }
      expect((await store().get(webKey('web')))?.status).toEqual(status);
    });

    test('does not come back with the next object of that name', async () => {
      await store().apply(web('web'));
      await store().patchStatus(webKey('web'), { replicas: 1 });
      await store().delete(webKey('web'));
      expect((await store().apply(web('web'))).object.status).toBeUndefined();
      expect((await store().get(webKey('web')))?.status).toBeUndefined();
    });

    test('answers a dry run as if written, and writes nothing', async () => {
      const { object } = await store().apply(web('web'));
      const after = await store().patchStatus(webKey('web'), { replicas: 1 }, { dryRun: true });
      expect(after.status).toEqual({ replicas: 1 });
      expect(await store().get(webKey('web'))).toEqual(object);
    });
  });
}
