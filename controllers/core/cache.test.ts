import { FakeLogger } from '../../test/support/fake-logger.ts';
import { deployment } from '../../test/support/objects.ts';
import { Cache } from './cache.ts';

function setup() {
  const cache = new Cache<'Deployment'>({ logger: new FakeLogger() });
  const told: string[] = [];
  const remove = cache.addHandler({
    onAdd: ({ metadata }) => told.push(`add ${metadata.name}@${metadata.resourceVersion}`),
    onUpdate: (before, { metadata }) =>
      told.push(`update ${metadata.name}@${before.metadata.resourceVersion}-${metadata.resourceVersion}`),
    onDelete: ({ metadata }) => told.push(`delete ${metadata.name}@${metadata.resourceVersion}`),
  });
  return { cache, told, remove };
}

function web(resourceVersion: string, uid = 'first') {
  return deployment('web', {}, { resourceVersion, uid });
}

describe('Cache', () => {
  it('tells what changes, and nothing twice', () => {
    const { cache, told } = setup();
    cache.put(web('1'));
    cache.put(web('1'));
    cache.put(web('2'));
    cache.remove(web('3'));
    cache.remove(web('3'));
    expect(told).toEqual(['add web@1', 'update web@1-2', 'delete web@3']);
    expect(cache.list()).toEqual([]);
  });

  it('tells the end of an object and the beginning of its successor', () => {
    const { cache, told } = setup();
    cache.put(web('1'));
    cache.put(web('2', 'second'));
    expect(told).toEqual(['add web@1', 'delete web@1', 'add web@2']);
  });

  it('does not take the late end of a predecessor for the end of an object', () => {
    const { cache, told } = setup();
    cache.put(web('2', 'second'));
    cache.remove(web('1', 'first'));
    expect(told).toEqual(['add web@2']);
    expect(cache.list()).toHaveLength(1);
  });

  it('tells the difference between what it has and a list', () => {
    const { cache, told } = setup();
    const db = deployment('db', {}, { resourceVersion: '1' });
    cache.put(web('1'));
    cache.put(db);
    told.length = 0;
    cache.replace([web('2'), deployment('cache', {}, { resourceVersion: '3' })], false);
    expect(told).toEqual(['delete db@1', 'update web@1-2', 'add cache@3']);
  });

  it('tells a resync about everything', () => {
    const { cache, told } = setup();
    cache.put(web('1'));
    cache.replace([web('1')], true);
    expect(told).toEqual(['add web@1', 'update web@1-1']);
  });

  it('tells nothing to who no longer listens', () => {
    const { cache, told, remove } = setup();
    remove();
    cache.put(web('1'));
    expect(told).toEqual([]);
  });
});
