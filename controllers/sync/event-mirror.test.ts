import { MemoryStore } from '../../agents/adapters/store/memory-store.ts';
import { MAX_SHOWN } from '../../api/protocol/limits.ts';
import type { EventSpec } from '../../api/v1alpha1/event.ts';
import { happening } from '../../test/support/store-objects.ts';
import { endWorlds, startWorld, type World } from '../../test/support/sync-world.ts';

afterEach(endWorlds);

async function eventNames({ store }: World): Promise<string[]> {
  return (await store.list('Event')).items.map(({ metadata }) => metadata.name);
}

/** Our copy of what a peer told in an earlier run of the program. */
async function keepCopy({ store }: World, peer: string, name: string): Promise<void> {
  const event = happening(`${peer}.${name}`, 1);
  const spec: EventSpec = { ...event.spec, peer };
  await store.apply({ ...event, spec });
}

describe('EventMirror', () => {
  it('keeps a copy of what peers tell, and of nothing that they told once and dropped while nobody listened', async () => {
    const it = await startWorld({});
    await keepCopy(it, 'alice', 'dropped');
    await keepCopy(it, 'alice', 'told');
    await keepCopy(it, 'bob', 'silent');
    await it.alice.apply(happening('told', 1));
    await it.alice.apply(happening('new', 1));
    await it.until(async () =>
      expect(await eventNames(it)).toEqual(['alice.new', 'alice.told', 'bob.silent']),
    );
    await it.alice.delete({ kind: 'Event', namespace: 'default', name: 'new' });
    await it.until(async () => expect(await eventNames(it)).toEqual(['alice.told', 'bob.silent']));
  });

  it('copies nothing of a peer that tells more than an honest one, and still delivers to it', async () => {
    const it = await startWorld({});
    it.alice.goAway();
    for (let count = 0; count <= MAX_SHOWN.Event.objects; count++)
      await MemoryStore.prototype.apply.call(it.alice, happening(`event-${count}`, count));
    it.alice.comeBack();
    await it.until(() => expect(it.alice.writes).toEqual(['apply']));
    await it.clock.advance(60_000);
    expect(await eventNames(it)).toEqual([]);
  });
});
