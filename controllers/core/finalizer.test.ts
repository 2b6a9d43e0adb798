import { MemoryStore } from '../../agents/adapters/store/memory-store.ts';
import { keyOf } from '../../api/meta/object.ts';
import { FakeClock } from '../../test/support/fake-clock.ts';
import { deployment } from '../../test/support/objects.ts';
import { ensureFinalizer, removeFinalizer } from './finalizer.ts';

const OURS = 'peercompute.dev/ours';
const THEIRS = 'peercompute.dev/theirs';

async function setup() {
  const store = new MemoryStore({ clock: new FakeClock() });
  const { object } = await store.apply(deployment('web'));
  return { store, object, key: keyOf(object) };
}

describe('finalizers', () => {
  it('keep an object until the last of them is removed', async () => {
    const { store, object, key } = await setup();
    const held = await ensureFinalizer(store, await ensureFinalizer(store, object, THEIRS), OURS);
    expect(held.metadata.finalizers).toEqual([THEIRS, OURS]);
    await store.delete(key);

    const leaving = await store.get(key);
    const left = await removeFinalizer(store, leaving ?? held, OURS);
    expect(left.metadata.finalizers).toEqual([THEIRS]);
    await removeFinalizer(store, left, THEIRS);
    expect(await store.get(key)).toBeUndefined();
  });

  it('write nothing when there is nothing to change', async () => {
    const { store, object } = await setup();
    expect(await removeFinalizer(store, object, OURS)).toBe(object);
    const held = await ensureFinalizer(store, object, OURS);
    expect(await ensureFinalizer(store, held, OURS)).toBe(held);
  });

  it('are not added to an object that is already leaving', async () => {
    const { store, object, key } = await setup();
    await ensureFinalizer(store, object, THEIRS);
    const leaving = await store.delete(key);
    expect(leaving && (await ensureFinalizer(store, leaving, OURS))).toBe(leaving);
  });

  it('are not written over an object that has changed since it was read', async () => {
    const { store, object } = await setup();
    await ensureFinalizer(store, object, THEIRS);
    await expect(ensureFinalizer(store, object, OURS)).rejects.toMatchObject({ reason: 'Conflict' });
  });
});
