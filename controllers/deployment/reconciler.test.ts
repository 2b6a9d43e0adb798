import type { MergePatch } from '../../api/meta/merge-patch.ts';
import { IMAGE, World } from '../../test/envtest/deployment-world.ts';
import type { FakeRuntimeInit } from '../../test/fakes/fake-runtime.ts';
import { ALICE, BOB } from '../../test/support/objects.ts';
import { RuntimeError } from '../ports/runtime.ts';

let world: World;

async function begin(init: FakeRuntimeInit = {}): Promise<void> {
  world = new World(init);
  await world.start();
}

/** Whatever happened: what has settled is left alone, and what was started is ended. */
afterEach(async () => {
  expect(await world.secondPass()).toEqual({ runtime: 0, store: 0 });
  await world.stop();
  expect(world.clock.pending).toBe(0);
});

const is =
  (reason: string, name = 'web') =>
  async () =>
    (await world.reason(name, 'Ready')) === reason;

type Template = Record<string, MergePatch>;

/** A template for `web`. */
function template(container: Template, annotations: Template = {}): Template {
  return {
    template: {
      metadata: { annotations },
      spec: { containers: [{ name: 'web', image: IMAGE, ...container }] },
    },
  };
}

const restarted = (at: string) => template({}, { 'peercompute.dev/restartedAt': at });

describe('a Deployment', () => {
  test('runs, and says so', async () => {
    await begin();
    await world.apply('web', { replicas: 2 });
    await world.until(is('Ready'));
    expect(world.alive).toEqual(['web-0/0', 'web-1/0']);
    const { metadata, status } = (await world.get('web')) ?? {};
    expect(metadata?.finalizers).toEqual(['peercompute.dev/containers']);
    expect(status).toMatchObject({ observedGeneration: 1, readyReplicas: 2, availableReplicas: 2 });
    await world.clock.advance(1_000);
    expect(await world.events()).toEqual(
      expect.arrayContaining(['Started Started web-0', 'Started Started web-1']),
    );
  });

  test('is scaled up and down', async () => {
    await begin();
    for (const replicas of [1, 3, 2, 0, 1]) {
      await world.apply('web', { replicas });
      await world.until(async () => (await is('Ready')()) && world.alive.length === replicas);
      expect(world.alive).toEqual(Array.from({ length: replicas }, (_, ordinal) => `web-${ordinal}/0`));
    }
  });

  test('is stopped and started', async () => {
    await begin({ script: () => ({ stopMs: 3_000 }) });
    await world.apply('web');
    await world.until(is('Ready'));
    await world.apply('web', { state: 'Stopped' });
    await world.until(is('Terminating'));
    await world.until(is('Stopped'));
    expect(world.runtime.containers).toEqual([]);
    await world.apply('web');
    await world.until(is('Ready'));
  });

  test('of a hundred replicas runs', async () => {
    await begin();
    await world.apply('web', { replicas: 100 });
    await world.until(is('Ready'));
    expect(world.alive).toHaveLength(100);
  });
});

describe('a delete', () => {
  test('ends the containers before the object goes', async () => {
    await begin({ script: () => ({ stopMs: 3_000 }) });
    await world.apply('web', { replicas: 2 });
    await world.until(is('Ready'));
    await world.delete('web');
    await world.until(is('Terminating'));
    expect(world.alive).toHaveLength(2);
    await world.until(async () => !(await world.get('web')));
    expect(world.runtime.containers).toEqual([]);
  });

  test('can be hurried', async () => {
    await begin({ script: () => ({ stopMs: 3_600_000 }) });
    await world.apply('web', { template: { spec: { terminationGracePeriodSeconds: 600 } } });
    await world.until(is('Ready'));
    await world.delete('web');
    await world.delete('web', 0);
    await world.until(async () => !(await world.get('web')), 1_000);
    expect(world.runtime.containers).toEqual([]);
  });

  test('of what never ran takes no time', async () => {
    await begin();
    await world.apply('web', { state: 'Stopped' });
    await world.delete('web');
    await world.until(async () => !(await world.get('web')), 0);
  });

  test('and a new one of the same name are two objects', async () => {
    await begin({ script: () => ({ stopMs: 3_000 }) });
    await world.apply('web');
    await world.until(is('Ready'));
    await world.delete('web');
    await world.until(async () => !(await world.get('web')));
    await world.apply('web');
    await world.until(is('Ready'));
    expect(world.alive).toHaveLength(1);
  });
});

describe('an update', () => {
  const slow = {
    script: () => ({
      probe: (_: unknown, ageMs: number) => ({ success: ageMs >= 2_000, message: 'HTTP 503' }),
    }),
  };
  const probed = { readinessProbe: { httpGet: { port: 80 }, periodSeconds: 1 } };

  test('keeps all replicas available', async () => {
    await begin(slow);
    await world.apply('web', { replicas: 3, ...template(probed) });
    await world.until(is('Ready'));
    let least = Number.POSITIVE_INFINITY;
    let most = 0;
    world.runtime.onChange((containers) => {
      const alive = containers.filter(({ state }) => state === 'Running');
      most = Math.max(most, alive.length);
      least = Math.min(
        least,
        alive.filter(({ startedAt = 0 }) => world.clock.now() - startedAt >= 2_000).length,
      );
    });
    await world.apply('web', { replicas: 3, ...template({ ...probed, args: ['2'] }) });
    await world.until(is('Ready'));
    expect({ least, most }).toEqual({ least: 3, most: 4 });
  });

  test('to a bad image leaves the old ones serving, says why, and can be rolled back', async () => {
    await begin();
    await world.apply('web', { replicas: 2, progressDeadlineSeconds: 60 });
    await world.until(is('Ready'));
    const before = world.runtime.containers;
    await world.apply('web', { replicas: 2, progressDeadlineSeconds: 60, ...template({ image: 'bad:1' }) });
    await world.until(is('ImagePullFailed'));
    expect((await world.get('web'))?.status).toMatchObject({ availableReplicas: 2, updatedReplicas: 0 });
    await world.until(
      async () => (await world.reason('web', 'Progressing')) === 'ProgressDeadlineExceeded',
      61_000,
    );
    expect(await world.reason('web', 'Available')).toBe('MinimumReplicasAvailable');
    await world.apply('web', { replicas: 2, progressDeadlineSeconds: 60 });
    await world.until(is('Ready'));
    expect(world.runtime.containers).toEqual(before);
  });

  test('whose probe fails leaves the old ones serving, and can be rolled back', async () => {
    await begin({
      script: ({ container }) =>
        container.args ? { probe: () => ({ success: false, message: 'HTTP 500' }) } : {},
    });
    await world.apply('web', { replicas: 2, ...template(probed) });
    await world.until(is('Ready'));
    await world.apply('web', { replicas: 2, ...template({ ...probed, args: ['bad'] }) });
    await world.until(
      async () => (await world.reason('web', 'Progressing')) === 'ProgressDeadlineExceeded',
      601_000,
    );
    expect(await world.reason('web', 'Ready')).toBe('ProbeFailed');
    expect(world.alive).toEqual(['web-0/0', 'web-0/0', 'web-1/0']);
    await world.apply('web', { replicas: 2, ...template(probed) });
    await world.until(is('Ready'));
    expect(world.alive).toEqual(['web-0/0', 'web-1/0']);
  });

  test('with Recreate pulls first, then ends all old ones, then begins', async () => {
    await begin({ script: () => ({ stopMs: 2_000 }) });
    world.runtime.images.offer('new:1', { pullMs: 5_000 });
    const recreate = { replicas: 2, strategy: { type: 'Recreate' } };
    await world.apply('web', recreate);
    await world.until(is('Ready'));
    await world.apply('web', { ...recreate, ...template({ image: 'new:1' }) });
    await world.until(is('Pulling'));
    expect(world.alive).toHaveLength(2);
    const hashes: number[] = [];
    world.runtime.onChange((containers) => {
      hashes.push(new Set(containers.map(({ templateHash }) => templateHash)).size);
    });
    await world.until(is('Ready'));
    expect(Math.max(...hashes)).toBe(1);
    expect(world.alive).toEqual(['web-0/0', 'web-1/0']);
  });

  test('restarts with the same image', async () => {
    await begin();
    await world.apply('web');
    await world.until(is('Ready'));
    const [before] = world.runtime.containers;
    await world.apply('web', restarted('now'));
    await world.until(
      async () => (await is('Ready')()) && world.runtime.containers[0]?.name !== before?.name,
    );
    expect(world.alive).toEqual(['web-0/0']);
  });
});

describe('a container', () => {
  test('that was killed or removed by hand is back', async () => {
    await begin();
    await world.apply('web', { replicas: 2 });
    await world.until(is('Ready'));
    world.runtime.find('web-0').exit(137);
    await world.until(() => world.alive.includes('web-0/1'), 0);
    await world.clock.advance(5_000);
    world.runtime.vanish('web-1');
    await world.until(() => world.alive.length === 2, 0);
    await world.until(is('Ready'));
  });

  test('that is removed as soon as it was made is back before long', async () => {
    await begin();
    await world.apply('web');
    await world.until(is('Ready'));
    world.runtime.vanish('web-0');
    await world.until(() => world.alive.length === 1, 5_000);
    await world.until(is('Ready'));
  });

  test('that was changed by hand is replaced', async () => {
    await begin();
    await world.apply('web', { replicas: 2 });
    await world.until(is('Ready'));
    world.runtime.find('web-0').update({ drifted: true });
    await world.until(() => world.alive.includes('web-0/1') && world.alive.length === 2, 1_000);
    await world.until(is('Ready'));
  });

  test('that crashes waits longer each time, and its last death is kept', async () => {
    await begin({ script: () => ({ exitAfterMs: 1_000, exitCode: 1 }) });
    await world.apply('web');
    await world.until(is('CrashLoop'));
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
    await world.until(is('Ready'));
    await world.until(is('ProbeFailed'));
    await world.until(is('Ready'));
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
    await world.until(is('CreateFailed'));
    await world.clock.advance(60_000);
    expect(world.runtime.calls.run).toBeLessThanOrEqual(4);
    fails = false;
    await world.until(is('Ready'), 300_000);
  });

  test('that was created and never started is started', async () => {
    await begin();
    await world.apply('web');
    await world.until(is('Ready'));
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
    await world.until(is('Ready'), 120_000);
    expect(world.writes - before).toBeLessThan(20);
    expect((await world.get('web'))?.status?.pull).toBeUndefined();
    expect(await world.events()).toEqual(expect.arrayContaining(['Pulled Pulled big:1 in 100.0 s']));
  });

  test('that is slow delays nobody else', async () => {
    await begin();
    world.runtime.images.offer('slow:1', { pullMs: 1_000_000 });
    for (let i = 0; i < 10; i++) await world.apply(`slow-${i}`, template({ image: 'slow:1' }));
    await world.apply('web');
    await world.until(is('Ready'), 1_000);
    expect(world.runtime.calls.pull).toBe(1);
    for (let i = 0; i < 10; i++) await world.delete(`slow-${i}`);
  });

  test('that is nowhere is asked for less and less often, and a new template asks at once', async () => {
    await begin();
    await world.apply('web', template({ image: 'absent:1' }));
    await world.until(is('ImagePullFailed'));
    await world.clock.advance(3_600_000);
    expect(world.runtime.calls.pull).toBeLessThanOrEqual(18);
    world.runtime.images.offer('absent:1');
    await world.apply('web', template({ image: 'absent:1' }, { restartedAt: 'now' }));
    await world.until(is('Ready'), 100);
  });

  test('that may never be pulled is not', async () => {
    await begin();
    await world.apply('web', template({ image: 'absent:1', imagePullPolicy: 'Never' }));
    await world.until(is('ImageNeverPull'));
    expect(world.runtime.calls.pull).toBe(0);
    expect(await world.reason('web', 'Stalled')).toBe('ImageNeverPull');
  });

  test('that is always pulled is pulled although it is here', async () => {
    await begin();
    world.runtime.images.offer(IMAGE);
    await world.apply('web', template({ imagePullPolicy: 'Always' }));
    await world.until(is('Ready'));
    expect(world.runtime.calls.pull).toBe(1);
  });
});

describe('who may', () => {
  test('a spec that nobody signed changes nothing', async () => {
    await begin();
    await world.apply('web', { replicas: 2 }, { owner: ALICE });
    await world.until(() => world.alive.length === 2);
    world.verifier = {
      verify: async ({ spec }) => (spec.replicas === 2 ? undefined : 'the signature is of another spec'),
    };
    await world.apply('web', { replicas: 5, ...restarted('now') }, { owner: ALICE });
    await world.until(async () => conditionOf(ALICE, 'Admitted', 'SignatureInvalid'));
    expect(world.alive).toEqual(['web-0/0', 'web-1/0']);
    world.runtime.find('web-0').exit(1);
    await world.clock.advance(60_000);
    expect(world.alive).toEqual(['web-1/0']);
    await world.apply('web', { replicas: 2 }, { owner: ALICE });
    await world.until(() => world.alive.length === 2);
  });

  test("this machine's own objects need no signature", async () => {
    await begin();
    world.verifier = { verify: async () => 'no signature' };
    await world.apply('web');
    await world.until(is('Ready'));
  });

  test('whoever is no longer allowed has nothing left, until allowed again', async () => {
    await begin();
    await world.apply('web', {}, { owner: ALICE });
    await world.until(() => world.alive.length === 1);
    world.authorize = () => ({
      allowed: false,
      reason: 'Expired',
      message: 'trust in alice ended yesterday',
    });
    await world.apply('web', { replicas: 2 }, { owner: ALICE });
    await world.until(() => conditionOf(ALICE, 'Admitted', 'Expired'));
    await world.until(() => world.runtime.containers.length === 0);
    world.authorize = () => ({ allowed: true });
    await world.until(() => world.alive.length === 2);
  });

  test('two owners with one name, and even one uid, never touch each other', async () => {
    await begin();
    const uid = '7f3c9a2e-0000-4000-8000-000000000000';
    await world.apply('web', { replicas: 2 }, { owner: ALICE, uid });
    await world.apply('web', { replicas: 1 }, { owner: BOB, uid });
    await world.until(() => world.alive.length === 3);
    await world.apply('web', { replicas: 0 }, { owner: BOB, uid });
    await world.until(() => world.alive.length === 2);
    expect(new Set(world.runtime.containers.map(({ owner }) => owner))).toEqual(new Set([ALICE]));
  });

  async function conditionOf(owner: string, type: string, reason: string): Promise<boolean> {
    const { status } = (await world.get('web', owner)) ?? {};
    return (
      status?.conditions?.some((condition) => condition.type === type && condition.reason === reason) ?? false
    );
  }
});

describe('the runtime', () => {
  const away = new RuntimeError('RuntimeUnavailable', 'cannot connect to the Docker daemon; is it running?');

  test('that does not answer makes what we know unknown, and changes nothing', async () => {
    await begin();
    await world.apply('web', { replicas: 2 });
    await world.until(is('Ready'));
    world.runtime.faults = { call: () => ({ type: 'Fail', error: away }) };
    const writes = world.runtime.writes;
    await world.until(is('RuntimeUnavailable'));
    expect((await world.get('web'))?.status).toMatchObject({ readyReplicas: 2 });
    await world.clock.advance(600_000);
    expect(world.runtime.writes).toBe(writes);
    world.runtime.faults = {};
    await world.until(is('Ready'), 120_000);
    expect(world.alive).toEqual(['web-0/0', 'web-1/0']);
  });

  test('that goes away in the middle of a start is tried again', async () => {
    await begin();
    world.runtime.faults = {
      call: (call, index) => (call === 'run' && index < 3 ? { type: 'Fail', error: away } : undefined),
    };
    await world.apply('web');
    await world.until(is('RuntimeUnavailable'));
    await world.until(is('Ready'));
  });

  test('that hangs stops nothing but what waits for it', async () => {
    await begin();
    await world.apply('web');
    await world.until(is('Ready'));
    world.runtime.faults = { call: (call) => (call === 'list' ? { type: 'Hang' } : undefined) };
    await world.until(is('RuntimeUnavailable'), 120_000);
    world.runtime.faults = {};
    await world.until(is('Ready'), 120_000);
  });

  test('that shows an old list is not believed', async () => {
    await begin();
    world.runtime.faults = {
      call: (call) => (call === 'list' ? { type: 'Stale', changes: 3, withinMs: 1_000 } : undefined),
    };
    await world.apply('web', { replicas: 2 });
    await world.clock.advance(2_000);
    await world.apply('web', { replicas: 2, ...restarted('now') });
    await world.clock.advance(2_000);
    world.runtime.faults = {};
    await world.until(is('Ready'));
    expect(world.alive).toEqual(['web-0/0', 'web-1/0']);
  });
});

describe('an agent that starts again', () => {
  test('takes over what runs and touches nothing', async () => {
    await begin({ script: () => ({ probe: () => ({ success: true, message: 'OK' }) }) });
    await world.apply('web', { replicas: 2, ...template({ readinessProbe: { tcpSocket: { port: 80 } } }) });
    await world.until(is('Ready'));
    await world.stop();
    const before = { runtime: world.runtime.writes, store: world.writes };
    await world.start();
    await world.clock.advance(300_000);
    expect({ runtime: world.runtime.writes, store: world.writes }).toEqual(before);
  });

  test('removes what belongs to nobody, and no network that is in use', async () => {
    await begin();
    await world.apply('web');
    await world.apply('gone');
    await world.until(is('Ready', 'gone'));
    await world.stop();
    await world.forget('gone');
    await world.start();
    await world.until(() => world.alive.length === 1);
    expect(world.alive).toEqual(['web-0/0']);
  });
});

test('env values and arguments are in no log, event or status', async () => {
  const failing = { exitAfterMs: 500, exitCode: 1, probe: () => ({ success: false, message: 'HTTP 500' }) };
  await begin({ script: ({ attempt }) => (attempt === 0 ? { startError: 'no such file' } : failing) });
  const container = { env: [{ name: 'TOKEN', value: 'hunter2' }], args: ['--password=hunter2'] };
  await world.apply('web', template({ ...container, livenessProbe: { tcpSocket: { port: 80 } } }));
  await world.until(is('CrashLoop'));
  await world.apply('web', template({ ...container, image: 'absent:1' }));
  await world.until(is('ImagePullFailed'));
  await world.clock.advance(60_000);
  const { status } = (await world.get('web')) ?? {};
  expect((await world.events()).length).toBeGreaterThan(3);
  expect(JSON.stringify([world.logger.lines, await world.events(), status])).not.toContain('hunter2');
});
