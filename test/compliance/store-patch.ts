import { canonicalHash } from '../../api/meta/canonical.ts';
import type { MergePatch } from '../../api/meta/merge-patch.ts';
import type { PatchOptions } from '../../controllers/ports/store.ts';
import { web, webKey } from '../support/store-objects.ts';
import { itWith, type StoreSuite } from './store.ts';

export function describePatch(suite: StoreSuite): void {
  const patch = (change: MergePatch, options?: PatchOptions) =>
    suite.store().patch(webKey('web'), change, options);
  const apply = async (...args: Parameters<typeof web>) => (await suite.store().apply(web(...args))).object;

  describe('patch', () => {
    it('merges into the spec and counts the generation', async () => {
      const before = await apply('web', { minReadySeconds: 7 });
      const after = await patch({ spec: { replicas: 4 } });
      expect(after).toMatchObject({
        metadata: { generation: 2, uid: before.metadata.uid },
        spec: { replicas: 4, minReadySeconds: 7 },
      });
      expect(await suite.store().get(webKey('web'))).toEqual(after);
    });

    it('moves nothing when nothing differs', async () => {
      const before = await apply('web', { replicas: 4 });
      expect(await patch({ spec: { replicas: 4 } })).toEqual(before);
    });

    it('answers NotFound without an object', async () => {
      await expect(patch({ spec: { replicas: 4 } })).rejects.toMatchObject({ reason: 'NotFound' });
    });

    it('refuses a spec that the schema refuses, naming the field', async () => {
      const before = await apply('web');
      await expect(patch({ spec: { replicas: -1 } })).rejects.toMatchObject({
        reason: 'Invalid',
        details: { field: 'spec.replicas' },
      });
      await expect(patch({ spec: { replicsa: 1 } })).rejects.toMatchObject({ reason: 'Invalid' });
      await expect(patch({ spec: null })).rejects.toMatchObject({ reason: 'Invalid' });
      expect(await suite.store().get(webKey('web'))).toEqual(before);
    });

    it.each<[string, MergePatch]>([
      ['a status', { status: { replicas: 1 } }],
      ['a uid', { metadata: { uid: 'x' } }],
      ['a name', { metadata: { name: 'x' } }],
      ['a kind', { kind: 'Event' }],
      ['something that is no mapping', ['spec']],
    ])('refuses to patch %s', async (_, change) => {
      await apply('web');
      await expect(patch(change)).rejects.toMatchObject({ reason: 'Invalid' });
    });

    it('accepts a diff whose base and result hold', async () => {
      const { spec } = await apply('web');
      const result = canonicalHash({ ...spec, replicas: 2 });
      const after = await patch({ spec: { replicas: 2 } }, { base: canonicalHash(spec), result });
      expect(canonicalHash(after.spec)).toBe(result);
    });

    it('refuses a diff made for another spec, and one that leads elsewhere', async () => {
      const before = await apply('web');
      const other = canonicalHash({});
      for (const [options, cause] of [
        [{ base: other }, 'base'],
        [{ result: other }, 'result'],
      ] as const)
        await expect(patch({ spec: { replicas: 2 } }, options)).rejects.toMatchObject({
          reason: 'Conflict',
          details: { cause },
        });
      expect(await suite.store().get(webKey('web'))).toEqual(before);
    });

    it('refuses when the object is not at the expected version', async () => {
      const { metadata } = await apply('web');
      await patch({ spec: { replicas: 2 } });
      const { resourceVersion } = metadata;
      await expect(patch({ spec: { replicas: 3 } }, { resourceVersion })).rejects.toMatchObject({
        reason: 'Conflict',
      });
    });

    it('answers a dry run as if written, and writes nothing', async () => {
      const before = await apply('web');
      expect(await patch({ spec: { replicas: 2 } }, { dryRun: true })).toMatchObject({
        spec: { replicas: 2 },
      });
      expect(await suite.store().get(webKey('web'))).toEqual(before);
    });

    itWith(suite, 'bookkeeping')('merges labels, annotations and finalizers; null removes', async () => {
      await apply('web', {}, { labels: { a: '1', b: '2' } });
      const after = await patch({
        metadata: { labels: { a: null, c: '3' }, annotations: { note: 'x' }, finalizers: ['test/wait'] },
      });
      expect(after.metadata).toMatchObject({
        generation: 1,
        annotations: { note: 'x' },
        finalizers: ['test/wait'],
      });
      expect(after.metadata.labels).toEqual({ b: '2', c: '3' });
      expect((await patch({ metadata: { finalizers: null, annotations: null } })).metadata).toEqual({
        ...after.metadata,
        finalizers: undefined,
        annotations: undefined,
        resourceVersion: expect.any(String),
      });
    });

    itWith(suite, 'bookkeeping')('refuses labels and finalizers that are none', async () => {
      await apply('web');
      const field = (name: string) => ({
        reason: 'Invalid',
        details: { field: expect.stringContaining(name) },
      });
      await expect(patch({ metadata: { labels: { a: 'not a value!' } } })).rejects.toMatchObject(
        field('labels'),
      );
      await expect(patch({ metadata: { finalizers: 'x' } })).rejects.toMatchObject(field('finalizers'));
      await expect(patch({ metadata: { finalizers: [1] } })).rejects.toMatchObject(field('finalizers'));
    });

    itWith(suite, 'bookkeeping')('replaces the signature, with an equal spec too', async () => {
      const before = await apply('web', {}, { signature: 'one' });
      const after = await patch({ spec: {} }, { signature: 'two', result: canonicalHash(before.spec) });
      expect(after.metadata).toMatchObject({ signature: 'two', generation: 1 });
      expect(after.metadata.resourceVersion).not.toBe(before.metadata.resourceVersion);
    });

    itWith(suite, 'bookkeeping')(
      'fills in defaults of a spec nobody signed, and of a signed one none',
      async () => {
        const { spec } = await apply('web');
        const container = { name: 'web', image: 'peercompute.local/web:2' };
        const change = { template: { spec: { containers: [container] } } };
        const bare = structuredClone(spec);
        bare.template.spec.containers = [container as (typeof bare.template.spec.containers)[number]];
        const signed = await patch({ spec: change }, { result: canonicalHash(bare), signature: 'one' });
        expect(signed.spec).toEqual(bare);
        const local = await patch({ spec: { ...change, replicas: 2 } });
        expect(local.spec.template.spec.containers[0]?.resources.limits).toEqual({
          cpu: '500m',
          memory: '256Mi',
        });
      },
    );
  });
}
