import { MemoryStore } from '../../agents/adapters/store/memory-store.ts';
import type { ConditionInput } from '../../api/meta/condition.ts';
import { FakeClock } from '../../test/support/fake-clock.ts';
import { deployment } from '../../test/support/objects.ts';
import { StatusWriter } from './status-writer.ts';

function condition(type: string, status: ConditionInput['status'], message = 'why'): ConditionInput {
  return { type, status, reason: 'Because', message };
}

async function setup() {
  const clock = new FakeClock('2030-01-01T00:00:00Z');
  const store = new MemoryStore({ clock });
  const { object } = await store.apply(deployment('web'));
  return { clock, store, object, writer: new StatusWriter({ store, clock }) };
}

describe('StatusWriter', () => {
  it('writes fields and conditions', async () => {
    const { writer, object } = await setup();
    const { status } = await writer.write(object, { replicas: 2, revision: 'abc' }, [
      condition('Ready', 'True'),
    ]);
    expect(status).toEqual({
      replicas: 2,
      revision: 'abc',
      conditions: [{ ...condition('Ready', 'True'), lastTransitionTime: '2030-01-01T00:00:00.000Z' }],
    });
  });

  it('writes nothing the second time, however late', async () => {
    const { clock, writer, object } = await setup();
    const first = await writer.write(object, { replicas: 2 }, [condition('Ready', 'True')]);
    await clock.advance(60_000);
    const second = await writer.write(first, { replicas: 2, revision: undefined }, [
      condition('Ready', 'True'),
    ]);
    expect(second).toBe(first);
  });

  it('writes nothing about an object there is nothing to say about', async () => {
    const { writer, object } = await setup();
    expect(await writer.write(object, {}, [], ['Stalled'])).toBe(object);
  });

  it('leaves the fields and conditions of others alone', async () => {
    const { writer, object } = await setup();
    const theirs = await writer.write(object, { url: 'https://web.example' }, [condition('Exposed', 'True')]);
    const { status } = await writer.write(theirs, { replicas: 2 }, [condition('Ready', 'True')]);
    expect(status).toMatchObject({ url: 'https://web.example', replicas: 2 });
    expect(status?.conditions?.map(({ type }) => type)).toEqual(['Exposed', 'Ready']);
  });

  it('removes fields that are undefined and conditions that no longer apply', async () => {
    const { writer, object } = await setup();
    const before = await writer.write(object, { revision: 'abc', replicas: 1 }, [
      condition('Stalled', 'True'),
    ]);
    const { status } = await writer.write(before, { revision: undefined }, [], ['Stalled']);
    expect(status).toEqual({ replicas: 1 });
  });

  it('moves the time of a transition only when the status of a condition moves', async () => {
    const { clock, writer, object } = await setup();
    const first = await writer.write(object, {}, [condition('Ready', 'False')]);
    await clock.advance(1_000);
    const second = await writer.write(first, {}, [condition('Ready', 'False', 'another reason')]);
    await clock.advance(1_000);
    const third = await writer.write(second, {}, [condition('Ready', 'True')]);
    const times = [first, second, third].map(({ status }) => status?.conditions?.[0]?.lastTransitionTime);
    expect(times).toEqual([
      '2030-01-01T00:00:00.000Z',
      '2030-01-01T00:00:00.000Z',
      '2030-01-01T00:00:02.000Z',
    ]);
  });

  it('does not write over a status that has changed since it was read', async () => {
    const { writer, object } = await setup();
    await writer.write(object, { replicas: 1 });
    await expect(writer.write(object, { replicas: 2 })).rejects.toMatchObject({ reason: 'Conflict' });
  });
});
