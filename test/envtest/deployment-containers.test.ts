import { RuntimeError } from '../../controllers/ports/runtime.ts';
import type { FakeRuntimeInit } from '../fakes/fake-runtime.ts';
import { IMAGE, template, World } from './deployment-world.ts';

let world: World;

const begin = async (init?: FakeRuntimeInit) => {
  world = await World.begin(init);
};

/** Whatever happened: what has settled is left alone, and what was started is ended. */
afterEach(() => world.end());

describe('a container', () => {
  test('that was killed or removed by hand is back', async () => {
    await begin();
    await world.apply('web', { replicas: 2 });
    await world.until(world.is('Ready'));
    world.runtime.find('web-0').exit(137);
    await world.until(() => world.alive.includes('web-0/1'), 0);
    await world.clock.advance(5_000);
    world.runtime.vanish('web-1');
    await world.until(() => world.alive.length === 2, 0);
    await world.until(world.is('Ready'));
  });

  test('that is removed as soon as it was made is back before long', async () => {
    await begin();
    await world.apply('web');
    await world.until(world.is('Ready'));
    world.runtime.vanish('web-0');
    await world.until(() => world.alive.length === 1, 5_000);
    await world.until(world.is('Ready'));
  });

  test('that was changed by hand is replaced', async () => {
    await begin();
    await world.apply('web', { replicas: 2 });
    await world.until(world.is('Ready'));
    world.runtime.find('web-0').update({ drifted: true });
    await world.until(() => world.alive.includes('web-0/1') && world.alive.length === 2, 1_000);
    await world.until(world.is('Ready'));
  });

  test('that crashes waits longer each time, and its last death is kept', async () => {
    await begin({ script: () => ({ exitAfterMs: 1_000, exitCode: 1 }) });
    await world.apply('web');
    await world.until(world.is('CrashLoop'));
    const starts = () => world.runtime.calls.run;
    const before = starts();
    await world.clock.advance(600_000);
    expect(starts() - before).toBeLessThanOrEqual(6);
    expect(world.runtime.containers.length).toBeLessThanOrEqual(2);
    const [container] = (await world.get('web'))?.status?.containers ?? [];
    expect(container).toMatchObject({ state: 'Waiting', reason: 'CrashLoop', exitCode: 1, ready: false });
    expect(await world.events()).toEqual(
      expect.arrayContaining([expect.stringMatching(/^BackOff web-0: exited with code 1/)]),
    );
    expect((await world.events()).length).toBeLessThan(10);
  });

  test('that fails its liveness probe is stopped and started again', async () => {
    const healthyFor = 5_000;
    await begin({
      script: ({ attempt }) => ({
        probe: (_, ageMs) => ({ success: attempt > 0 || ageMs < healthyFor, message: 'HTTP 500' }),
      }),
    });
    await world.apply(
      'web',
      template({ livenessProbe: { httpGet: { port: 80 }, periodSeconds: 1, failureThreshold: 2 } }),
    );
    await world.until(world.is('Ready'));
    await world.until(world.is('ProbeFailed'));
    await world.until(world.is('Ready'));
    expect(world.alive).toEqual(['web-0/1']);
    expect(await world.events()).toEqual(
      expect.arrayContaining([
        'Unhealthy web-0: liveness probe failed: HTTP 500',
        'Killing Stopping web-0: liveness probe failed: HTTP 500',
      ]),
    );
  });

  test('that cannot be made is tried again, less and less often', async () => {
    let fails = true;
    const createError = new RuntimeError('CreateFailed', 'no space left on device');
    await begin({ script: () => (fails ? { createError } : {}) });
    await world.apply('web');
    await world.until(world.is('CreateFailed'));
    await world.clock.advance(60_000);
    expect(world.runtime.calls.run).toBeLessThanOrEqual(4);
    fails = false;
    await world.until(world.is('Ready'), 300_000);
  });

  test('that was created and never started is started', async () => {
    await begin();
    await world.apply('web');
    await world.until(world.is('Ready'));
    await world.clock.advance(5_000);
    const process = world.runtime.find('web-0');
    process.update({ state: 'Created', startedAt: undefined });
    await world.until(() => world.alive.length === 1, 1_000);
    expect(world.runtime.containers).toHaveLength(1);
  });
});

describe('an image', () => {
  test('is pulled with progress', async () => {
    await begin();
    world.runtime.images.offer('big:1', { pullMs: 100_000, sizeBytes: 1_000 });
    await world.apply('web', template({ image: 'big:1' }));
    await world.until(async () => ((await world.get('web'))?.status?.pull?.current ?? 0) > 0);
    const before = world.writes;
    await world.until(world.is('Ready'), 120_000);
    expect(world.writes - before).toBeLessThan(20);
    expect((await world.get('web'))?.status?.pull).toBeUndefined();
    await world.until(async () => (await world.events()).includes('Pulled Pulled big:1 in 100.0 s'));
  });

  test('that is slow delays nobody else', async () => {
    await begin();
    world.runtime.images.offer('slow:1', { pullMs: 1_000_000 });
    for (let i = 0; i < 10; i++) await world.apply(`slow-${i}`, template({ image: 'slow:1' }));
    await world.apply('web');
    await world.until(world.is('Ready'), 1_000);
    expect(world.runtime.calls.pull).toBe(1);
    for (let i = 0; i < 10; i++) await world.delete(`slow-${i}`);
  });

  test('that is nowhere is asked for less and less often, and a new template asks at once', async () => {
    await begin();
    await world.apply('web', template({ image: 'absent:1' }));
    await world.until(world.is('ImagePullFailed'));
    await world.clock.advance(3_600_000);
    expect(world.runtime.calls.pull).toBeLessThanOrEqual(18);
    world.runtime.images.offer('absent:1');
    await world.apply('web', template({ image: 'absent:1' }, { restartedAt: 'now' }));
    await world.until(world.is('Ready'), 100);
  });

  test('that may never be pulled is not', async () => {
    await begin();
    await world.apply('web', template({ image: 'absent:1', imagePullPolicy: 'Never' }));
    await world.until(world.is('ImageNeverPull'));
    expect(world.runtime.calls.pull).toBe(0);
    expect(await world.reason('web', 'Stalled')).toBe('ImageNeverPull');
  });

  test('that is always pulled is pulled although it is here', async () => {
    await begin();
    world.runtime.images.offer(IMAGE);
    await world.apply('web', template({ imagePullPolicy: 'Always' }));
    await world.until(world.is('Ready'));
    expect(world.runtime.calls.pull).toBe(1);
  });
});
