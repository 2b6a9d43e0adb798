import { parseSelector } from '../../api/meta/labels.ts';
import type { ListOptions } from '../../controllers/ports/store.ts';
import { web } from '../support/store-objects.ts';
import { itWith, type StoreSuite } from './store.ts';

export function describeList(suite: StoreSuite): void {
  const names = async (options?: ListOptions) =>
    (await suite.store().list('Deployment', options)).items.map(({ metadata }) => metadata.name);

  describe('list', () => {
    it('is empty where there is nothing', async () => {
      expect(await names()).toEqual([]);
    });

    it('answers every object of the kind, ordered by key', async () => {
      for (const name of ['c', 'a', 'b']) await suite.store().apply(web(name));
      expect(await names()).toEqual(['a', 'b', 'c']);
    });

    it('answers those of a namespace', async () => {
      await suite.store().apply(web('here', {}, { namespace: 'one' }));
      await suite.store().apply(web('there', {}, { namespace: 'two' }));
      expect(await names({ namespace: 'one' })).toEqual(['here']);
      expect(await names({ namespace: 'none' })).toEqual([]);
    });

    it('answers those that a selector matches', async () => {
      await suite.store().apply(web('front', {}, { labels: { tier: 'front' } }));
      await suite.store().apply(web('back', {}, { labels: { tier: 'back' } }));
      await suite.store().apply(web('none'));
      expect(await names({ selector: parseSelector('tier=front') })).toEqual(['front']);
      expect(await names({ selector: parseSelector('!tier') })).toEqual(['none']);
    });

    it('answers a version from which a watch can go on', async () => {
      await suite.store().apply(web('web'));
      const { resourceVersion } = await suite.store().list('Deployment');
      await suite.store().apply(web('later'));
      const signal = AbortSignal.timeout(4_000);
      for await (const event of suite.store().watch('Deployment', { resourceVersion, signal })) {
        expect(event).toMatchObject({ type: 'ADDED', object: { metadata: { name: 'later' } } });
        return;
      }
      throw new Error('the watch ended without an event');
    });

    itWith(suite, 'bookkeeping')('answers those of an owner, or those of none', async () => {
      await suite.store().apply(web('hers', {}, { owner: '12D3KooWalice' }));
      await suite.store().apply(web('ours'));
      expect(await names()).toEqual(expect.arrayContaining(['hers', 'ours']));
      expect(await names({ owner: '12D3KooWalice' })).toEqual(['hers']);
      expect(await names({ owner: '' })).toEqual(['ours']);
    });
  });
}
