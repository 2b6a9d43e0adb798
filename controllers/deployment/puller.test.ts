import type { ObjectKey } from '../../api/meta/object.ts';
import { FakeRuntime } from '../../test/fakes/fake-runtime.ts';
import { FakeClock } from '../../test/support/fake-clock.ts';
import { silentLogger as logger } from '../../test/support/silent.ts';
import { Trigger } from '../core/source.ts';
import { RuntimeError } from '../ports/runtime.ts';
import { pullPolicyOf } from './pull-policy.ts';
import { type ImageRequest, Puller } from './puller.ts';

function begin(concurrency?: number) {
  const clock = new FakeClock();
  const runtime = new FakeRuntime({ clock });
  const end = new AbortController();
  const trigger = new Trigger<'Deployment'>();
  const hints: string[] = [];
  void trigger.start(({ name }) => hints.push(name), end.signal);
  const puller = new Puller({ runtime, trigger, clock, logger }, { concurrency });
  void puller.start(end.signal);
  return { clock, runtime, puller, hints, end };
}

function request(image: string, change: Partial<ImageRequest> = {}): ImageRequest {
  return { key: key('web'), revision: 'a', image, policy: 'IfNotPresent', ...change };
}

function key(name: string): ObjectKey<'Deployment'> {
  return { kind: 'Deployment', namespace: 'default', name };
}

test('an image that is here is not pulled', async () => {
  const { clock, runtime, puller, hints } = begin();
  const { id } = runtime.images.load('web:1');
  expect(puller.state(request('web:1'))).toEqual({ state: 'Unknown' });
  puller.ensure(request('web:1'));
  await clock.settle();
  expect(puller.state(request('web:1'))).toMatchObject({ state: 'Present', imageID: id });
  expect([runtime.calls.pull, hints]).toEqual([0, ['web']]);
});

test('what is known is asked for again after a while: someone may have removed it', async () => {
  const { clock, runtime, puller } = begin();
  runtime.images.load('web:1');
  puller.ensure(request('web:1'));
  await clock.advance(60_000);
  expect(puller.state(request('web:1'))).toEqual({ state: 'Unknown' });
});

test('all who wait for an image share one pull', async () => {
  const { clock, runtime, puller, hints } = begin();
  runtime.images.offer('web:1', { pullMs: 5_000 });
  const requests = ['a', 'b', 'c'].map((name) => request('web:1', { key: key(name) }));
  for (const one of requests) puller.ensure(one);
  await clock.advance(100);
  expect(requests.map((one) => puller.state(one).state)).toEqual(['Pulling', 'Pulling', 'Pulling']);
  hints.length = 0;
  await clock.advance(5_000);
  expect(requests.map((one) => puller.state(one).state)).toEqual(['Present', 'Present', 'Present']);
  expect(runtime.calls.pull).toBe(1);
  expect(new Set(hints)).toEqual(new Set(['a', 'b', 'c']));
});

test('progress is told once a second, however fast bytes arrive', async () => {
  const { clock, runtime, puller, hints } = begin();
  runtime.images.offer('web:1', { pullMs: 3_000, sizeBytes: 1_000 });
  puller.ensure(request('web:1'));
  await clock.advance(2_900);
  expect(hints.length).toBeLessThanOrEqual(4);
  expect(puller.state(request('web:1'))).toEqual({
    state: 'Pulling',
    progress: { currentBytes: 900, totalBytes: 1_000 },
  });
});

test('only so many are pulled at a time', async () => {
  const { clock, runtime, puller } = begin(2);
  const requests = ['a', 'b', 'c'].map((name) => request(`${name}:1`, { key: key(name) }));
  for (const { image } of requests) runtime.images.offer(image, { pullMs: 1_000 });
  for (const one of requests) puller.ensure(one);
  await clock.advance(500);
  expect(requests.map((one) => puller.state(one).state)).toEqual(['Pulling', 'Pulling', 'Queued']);
  await clock.advance(2_000);
  expect(requests.map((one) => puller.state(one).state)).toEqual(['Present', 'Present', 'Present']);
});

test('failures wait longer each time, but a new template does not wait for them', async () => {
  const { clock, puller } = begin();
  const delays: number[] = [];
  for (let round = 0; round < 8; round++) {
    puller.ensure(request('absent:1'));
    await clock.settle();
    const state = puller.state(request('absent:1'));
    if (state.state === 'Failed') delays.push((state.retryAt - clock.now()) / 1_000);
  }
  expect(delays).toEqual([10, 20, 40, 80, 160, 300, 300, 300]);
  expect(puller.state(request('absent:1', { revision: 'b' }))).toEqual({ state: 'Unknown' });
  expect(puller.state(request('absent:1', { key: key('other') }))).toEqual({ state: 'Unknown' });
});

test('success forgets the failures', async () => {
  const { clock, runtime, puller } = begin();
  puller.ensure(request('web:1'));
  await clock.settle();
  runtime.images.offer('web:1');
  puller.ensure(request('web:1'));
  await clock.settle();
  expect(puller.state(request('web:1')).state).toBe('Present');
  runtime.images.unload('web:1');
  runtime.images.offer('web:1', { failure: new RuntimeError('ImagePullFailed', 'gone') });
  await clock.advance(30_000);
  puller.ensure(request('web:1'));
  await clock.settle();
  expect(puller.state(request('web:1'))).toMatchObject({ state: 'Failed', retryAt: clock.now() + 10_000 });
});

test('a pull that nobody waits for any more is given up', async () => {
  const { clock, runtime, puller, hints } = begin();
  runtime.images.offer('a:1', { pullMs: 60_000 });
  puller.ensure(request('a:1'));
  await clock.advance(1_000);
  runtime.images.load('b:1');
  puller.ensure(request('b:1'));
  await clock.settle();
  hints.length = 0;
  await clock.advance(120_000);
  expect(runtime.images.find('a:1')).toBeUndefined();
  expect(hints).toEqual([]);
  expect(clock.pending).toBe(0);
});

test('one of two who wait may leave', async () => {
  const { clock, runtime, puller } = begin();
  runtime.images.offer('a:1', { pullMs: 10_000 });
  puller.ensure(request('a:1'));
  puller.ensure(request('a:1', { key: key('other') }));
  await clock.advance(1_000);
  puller.release(key('web'));
  await clock.advance(10_000);
  expect(puller.state(request('a:1', { key: key('other') })).state).toBe('Present');
});

test('Never asks no registry, and nothing but the image itself can mend that', async () => {
  const { clock, runtime, puller } = begin();
  puller.ensure(request('absent:1', { policy: 'Never' }));
  await clock.settle();
  expect(puller.state(request('absent:1', { policy: 'Never' }))).toMatchObject({
    state: 'Failed',
    reason: 'ImageNeverPull',
    terminal: true,
  });
  expect(runtime.calls.pull).toBe(0);
});

test('Always asks the registry although the image is here', async () => {
  const { clock, runtime, puller } = begin();
  runtime.images.load('web:1');
  runtime.images.offer('web:1');
  const always = request('web:1', { policy: 'Always' });
  puller.ensure(request('web:1'));
  await clock.settle();
  expect(puller.state(always)).toEqual({ state: 'Unknown' });
  puller.ensure(always);
  await clock.settle();
  expect(puller.state(always)).toMatchObject({ state: 'Present', pulledMs: 0 });
});

test('a runtime that never answers is a failure like any other', async () => {
  const { clock, runtime, puller } = begin();
  runtime.faults = { call: () => ({ type: 'Hang' }) };
  puller.ensure(request('web:1'));
  await clock.advance(60_000);
  expect(puller.state(request('web:1'))).toMatchObject({ state: 'Failed', reason: 'RuntimeUnavailable' });
});

test('the end gives up what is under way', async () => {
  const { clock, runtime, puller, end } = begin();
  runtime.images.offer('a:1', { pullMs: 60_000 });
  puller.ensure(request('a:1'));
  await clock.advance(1_000);
  end.abort();
  await clock.settle();
  expect(clock.pending).toBe(0);
});

describe('the policy of an image', () => {
  test.each([
    ['nginx', 'Always'],
    ['nginx:latest', 'Always'],
    ['nginx:1.27', 'IfNotPresent'],
    [`nginx@sha256:${'0'.repeat(64)}`, 'IfNotPresent'],
    [`nginx:latest@sha256:${'0'.repeat(64)}`, 'IfNotPresent'],
    ['localhost:5000/nginx', 'Always'],
  ])('%s: %s', (image, policy) => {
    expect(pullPolicyOf({ image })).toBe(policy);
  });

  test('what is written wins', () => {
    expect(pullPolicyOf({ image: 'nginx', imagePullPolicy: 'Never' })).toBe('Never');
  });
});
