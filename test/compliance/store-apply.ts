import { canonicalHash } from '../../api/meta/canonical.ts';
import { web, webKey } from '../support/store-objects.ts';
import { itWith, type StoreSuite } from './store.ts';

export function describeApply(suite: StoreSuite): void {
  const apply = (...args: Parameters<ReturnType<StoreSuite['store']>['apply']>) =>
    suite.store().apply(...args);

  describe('apply', () => {
    it('creates an object with a uid, generation 1, a version and a time', async () => {
      const { object, operation } = await apply(web('web'));
      expect(operation).toBe('created');
      expect(object).toMatchObject({
        kind: 'Deployment',
        metadata: {
          name: 'web',
          namespace: 'default',
          generation: 1,
          uid: expect.stringMatching(/^[-0-9a-f]{36}$/),
        },
        spec: { replicas: 1 },
      });
      expect(object.metadata.resourceVersion).not.toBe('');
      expect(Date.parse(object.metadata.creationTimestamp)).not.toBeNaN();
      expect(await suite.store().get(webKey('web'))).toEqual(object);
    });

    it('keeps the spec exactly as given, so that its hash is the one that was signed', async () => {
      const given = web('web', { replicas: 3 });
      const { object } = await apply(given);
      expect(canonicalHash(object.spec)).toBe(canonicalHash(given.spec));
    });

    it('does not notice when the caller changes what it passed in', async () => {
      const given = web('web', { replicas: 3 });
      await apply(given);
      given.spec.replicas = 5;
      expect(await suite.store().get(webKey('web'))).toMatchObject({ spec: { replicas: 3 } });
    });

    it('answers unchanged and moves nothing when nothing differs', async () => {
      const first = await apply(web('web', {}, { labels: { tier: 'front' } }));
      const second = await apply(web('web', {}, { labels: { tier: 'front' }, annotations: {} }));
      expect(second).toEqual({ operation: 'unchanged', object: first.object });
      expect(await suite.store().get(webKey('web'))).toEqual(first.object);
    });

    it('moves version and generation with the spec, and keeps uid and creation time', async () => {
      const first = await apply(web('web'));
      const { operation, object } = await apply(web('web', { replicas: 2 }));
      expect(operation).toBe('configured');
      expect(object.metadata).toMatchObject({
        generation: 2,
        uid: first.object.metadata.uid,
        creationTimestamp: first.object.metadata.creationTimestamp,
      });
      expect(object.metadata.resourceVersion).not.toBe(first.object.metadata.resourceVersion);
    });

    it('moves the version but not the generation with labels and annotations', async () => {
      const first = await apply(web('web'));
      const { operation, object } = await apply(
        web('web', {}, { labels: { a: '1' }, annotations: { b: '2' } }),
      );
      expect(operation).toBe('configured');
      expect(object.metadata).toMatchObject({ generation: 1, labels: { a: '1' }, annotations: { b: '2' } });
      expect(object.metadata.resourceVersion).not.toBe(first.object.metadata.resourceVersion);
    });

    it('makes labels exactly those given: what is left out is removed', async () => {
      await apply(web('web', {}, { labels: { a: '1', b: '2' } }));
      const { object } = await apply(web('web', {}, { labels: { b: '3' } }));
      expect(object.metadata.labels).toEqual({ b: '3' });
    });

    it('refuses when the object is not at the expected version, and changes nothing', async () => {
      const { object: first } = await apply(web('web'));
      const { object: second } = await apply(web('web', { replicas: 2 }));
      const { resourceVersion } = first.metadata;
      await expect(apply(web('web', { replicas: 3 }), { resourceVersion })).rejects.toMatchObject({
        reason: 'Conflict',
        details: { cause: 'resourceVersion' },
      });
      expect(await suite.store().get(webKey('web'))).toEqual(second);
    });

    it('refuses a precondition on an object that does not exist', async () => {
      await expect(apply(web('web'), { resourceVersion: '1' })).rejects.toMatchObject({ reason: 'Conflict' });
      expect(await suite.store().get(webKey('web'))).toBeUndefined();
    });

    it('answers a dry run as if written, and writes nothing', async () => {
      const created = await apply(web('web'), { dryRun: true });
      expect(created).toMatchObject({ operation: 'created', object: { metadata: { generation: 1 } } });
      expect(await suite.store().get(webKey('web'))).toBeUndefined();
      const { object } = await apply(web('web'));
      const changed = await apply(web('web', { replicas: 2 }), { dryRun: true });
      expect(changed).toMatchObject({
        operation: 'configured',
        object: { metadata: { generation: 2 }, spec: { replicas: 2 } },
      });
      expect(await suite.store().get(webKey('web'))).toEqual(object);
    });

    it.each([
      ['a name that climbs', { name: '../../etc/passwd' }],
      ['a name with a slash', { name: 'a/b' }],
      ['an empty name', { name: '' }],
      ['a namespace that climbs', { namespace: '..' }],
      ['no namespace', { namespace: undefined }],
    ])('refuses %s', async (_, metadata) => {
      await expect(apply(web('web', {}, metadata as object))).rejects.toMatchObject({ reason: 'Invalid' });
    });

    itWith(suite, 'bookkeeping')('creates with the uid given, and refuses it to another object', async () => {
      const uid = '11111111-2222-4333-8444-555555555555';
      const { object } = await apply(web('web', {}, { uid }));
      expect(object.metadata.uid).toBe(uid);
      const other = web('web', { replicas: 2 }, { uid: '99999999-2222-4333-8444-555555555555' });
      await expect(apply(other)).rejects.toMatchObject({ reason: 'Conflict', details: { cause: 'uid' } });
      expect((await apply(web('web', { replicas: 2 }, { uid }))).operation).toBe('configured');
    });

    itWith(suite, 'bookkeeping')("ignores the writer's own generation", async () => {
      const { object } = await apply(web('web', {}, { generation: 41 }));
      expect(object.metadata.generation).toBe(1);
    });

    itWith(suite, 'bookkeeping')(
      'stores a new signature over an equal spec without a new generation',
      async () => {
        const first = await apply(web('web', {}, { signature: 'one' }));
        const second = await apply(web('web', {}, { signature: 'two' }));
        expect(second).toMatchObject({
          operation: 'configured',
          object: { metadata: { signature: 'two', generation: 1 } },
        });
        expect(second.object.metadata.resourceVersion).not.toBe(first.object.metadata.resourceVersion);
      },
    );

    itWith(suite, 'bookkeeping')('keeps bookkeeping that is not given', async () => {
      const lastApplied = { spec: { replicas: 1 } };
      await apply(web('web', {}, { finalizers: ['test/wait'], signature: 'one', lastApplied }));
      const { object } = await apply(web('web', { replicas: 2 }));
      expect(object.metadata).toMatchObject({ finalizers: ['test/wait'], signature: 'one', lastApplied });
    });

    itWith(suite, 'bookkeeping')('holds objects of two owners under one name', async () => {
      const owners = ['12D3KooWalice', '12D3KooWbob', undefined];
      for (const [index, owner] of owners.entries())
        await apply(web('web', { replicas: index + 1 }, { owner }));
      for (const [index, owner] of owners.entries())
        expect(await suite.store().get(webKey('web', { owner }))).toMatchObject({
          spec: { replicas: index + 1 },
        });
    });
  });
}
