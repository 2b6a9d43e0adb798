import { running } from '../../test/envtest/deployment-samples.ts';
import { FakeClock } from '../../test/support/fake-clock.ts';
import type { RuntimeContainer } from '../ports/runtime.ts';
import type { Origin } from './container.ts';
import { Snapshot } from './snapshot.ts';

const web: Origin = { owner: '', uid: 'uid', namespace: 'default', deployment: 'web' };
const db: Origin = { ...web, deployment: 'db' };

/** A runtime whose list is what is given, when it is given. */
function begin(containers: RuntimeContainer[] = [running(0)]) {
  const clock = new FakeClock();
  const waiting: ((answer: RuntimeContainer[] | Error) => void)[] = [];
  let lists = 0;
  const state = { containers, slow: false };
  const list = (): Promise<RuntimeContainer[]> => {
    lists += 1;
    if (!state.slow) return Promise.resolve(state.containers);
    return new Promise((resolve, reject) => {
      waiting.push((answer) => (answer instanceof Error ? reject(answer) : resolve(answer)));
    });
  };
  const snapshot = new Snapshot({ runtime: { list }, clock });
  return {
    clock,
    snapshot,
    state,
    lists: () => lists,
    answer: (what: RuntimeContainer[] | Error) => waiting.shift()?.(what),
  };
}

test('a thousand who ask at once share one list, and so do those shortly after', async () => {
  const { clock, snapshot, lists } = begin();
  await Promise.all(Array.from({ length: 1_000 }, () => snapshot.of(web)));
  await clock.advance(900);
  await snapshot.of(db);
  expect(lists()).toBe(1);
  await clock.advance(100);
  await snapshot.of(web);
  expect(lists()).toBe(2);
});

test('each sees its own containers', async () => {
  const { snapshot } = begin([running(0), running(0, { deployment: 'db' }), running(1, { owner: 'bob' })]);
  expect(await snapshot.of(web)).toMatchObject([{ deployment: 'web', ordinal: 0 }]);
  expect(await snapshot.of({ ...web, uid: 'other' })).toEqual([]);
  expect(await snapshot.all()).toHaveLength(3);
});

test('what was created after a list has no containers until somebody tells of one', async () => {
  const { clock, snapshot, state, lists } = begin([]);
  await snapshot.of(db);
  await clock.advance(20_000);
  const bornAt = clock.now();
  await clock.advance(20_000);
  expect(await snapshot.of(web, bornAt)).toEqual([]);
  expect(lists()).toBe(1);
  state.containers = [running(0)];
  snapshot.changed(web);
  expect(await snapshot.of(web, bornAt)).toHaveLength(1);
  expect(lists()).toBe(2);
});

test('but is listed where it is as old as the list, and where anything may have changed', async () => {
  const { clock, snapshot, lists } = begin([]);
  await snapshot.of(db);
  const bornAt = clock.now();
  await clock.advance(2_000);
  await snapshot.of(web, bornAt);
  expect(lists()).toBe(2);
  snapshot.changedAll();
  await snapshot.of(web, clock.now() + 1);
  expect(lists()).toBe(3);
});

test('a change of one makes that one list again, and not the others', async () => {
  const { snapshot, lists } = begin();
  await snapshot.of(web);
  snapshot.changed(web);
  await snapshot.of(db);
  expect(lists()).toBe(1);
  await snapshot.of(web);
  await snapshot.of(db);
  expect(lists()).toBe(2);
});

test('when anything may have changed everyone lists again', async () => {
  const { snapshot, lists } = begin();
  await snapshot.of(web);
  snapshot.changedAll();
  await Promise.all([snapshot.of(web), snapshot.of(db)]);
  expect(lists()).toBe(2);
});

test('a list that began before the change is not enough', async () => {
  const { snapshot, state, lists, answer } = begin();
  state.slow = true;
  const early = snapshot.of(db);
  snapshot.changed(web);
  const late = snapshot.of(web);
  answer([]);
  expect(await early).toEqual([]);
  await Promise.resolve();
  expect(lists()).toBe(2);
  answer([running(0)]);
  expect(await late).toHaveLength(1);
});

test('a failure reaches all who ask for a moment, and is then forgotten', async () => {
  const { clock, snapshot, state, lists, answer } = begin();
  state.slow = true;
  const asked = [snapshot.of(web), snapshot.of(db)];
  answer(new Error('away'));
  await Promise.all(asked.map((one) => expect(one).rejects.toThrow('away')));
  await expect(snapshot.of(web)).rejects.toThrow('away');
  expect(lists()).toBe(1);
  state.slow = false;
  await clock.advance(1_000);
  expect(await snapshot.of(web)).toHaveLength(1);
});

test('a list that never ends is given up', async () => {
  const { clock, snapshot, state } = begin();
  state.slow = true;
  const asked = expect(snapshot.of(web)).rejects.toMatchObject({ reason: 'RuntimeUnavailable' });
  await clock.advance(60_000);
  await asked;
});

describe('a list that does not show what we did', () => {
  test('is not believed', async () => {
    const { snapshot, state } = begin([]);
    snapshot.expect(running(0), 'Present');
    expect(await snapshot.of(web)).toBeUndefined();
    state.containers = [running(0, { state: 'Created' })];
    expect(await snapshot.of(web)).toBeUndefined();
    state.containers = [running(0)];
    expect(await snapshot.of(web)).toHaveLength(1);
  });

  test('is believed after a while: someone else may have undone it', async () => {
    const { clock, snapshot } = begin([]);
    snapshot.expect(running(0), 'Present');
    await clock.advance(3_000);
    expect(await snapshot.of(web)).toEqual([]);
  });

  test('of what was removed and stopped as well', async () => {
    const { snapshot, state } = begin();
    snapshot.expect(running(0), 'Absent');
    snapshot.expect(running(1), 'Stopped');
    expect(await snapshot.of(web)).toBeUndefined();
    state.containers = [running(1)];
    expect(await snapshot.of(web)).toBeUndefined();
    state.containers = [running(1, { state: 'Exited' })];
    expect(await snapshot.of(web)).toHaveLength(1);
  });

  test('but the one that we removed in place of the one that we made', async () => {
    const { snapshot, state } = begin();
    snapshot.expect(running(0, { createdAt: 1 }), 'Absent');
    snapshot.expect(running(0), 'Present');
    state.containers = [running(0, { createdAt: 1 })];
    expect(await snapshot.of(web)).toBeUndefined();
    state.containers = [running(0, { createdAt: 2 })];
    expect(await snapshot.of(web)).toHaveLength(1);
  });

  test('but one that had ended before in place of the one that we started', async () => {
    const { clock, snapshot, state } = begin();
    const begunAt = clock.now();
    snapshot.expect({ ...running(0), begunAt }, 'Present');
    state.containers = [running(0, { state: 'Exited', finishedAt: begunAt - 1 })];
    expect(await snapshot.of(web)).toBeUndefined();
    state.containers = [running(0, { state: 'Exited', finishedAt: begunAt })];
    expect(await snapshot.of(web)).toHaveLength(1);
  });
});
