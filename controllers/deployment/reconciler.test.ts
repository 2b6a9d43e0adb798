import { restarted, template, World } from '../../test/envtest/deployment-world.ts';
import type { FakeRuntimeInit } from '../../test/fakes/fake-runtime.ts';

let world: World;

const begin = async (init?: FakeRuntimeInit) => {
  world = await World.begin(init);
};

/** Whatever happened: what has settled is left alone, and what was started is ended. */
afterEach(() => world.end());

describe('a Deployment', () => {
  test('runs, and says so', async () => {
    await begin();
    await world.apply('web', { replicas: 2 });
    await world.until(world.is('Ready'));
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
      await world.until(async () => (await world.is('Ready')()) && world.alive.length === replicas);
      expect(world.alive).toEqual(Array.from({ length: replicas }, (_, ordinal) => `web-${ordinal}/0`));
    }
  });

  test('is stopped and started', async () => {
    await begin({ script: () => ({ stopMs: 3_000 }) });
    await world.apply('web');
    await world.until(world.is('Ready'));
    await world.apply('web', { state: 'Stopped' });
    await world.until(world.is('Terminating'));
    await world.until(world.is('Stopped'));
    expect(world.runtime.containers).toEqual([]);
    await world.apply('web');
    await world.until(world.is('Ready'));
  });

  test('of a hundred replicas runs', async () => {
    await begin();
    await world.apply('web', { replicas: 100 });
    await world.until(world.is('Ready'));
    expect(world.alive).toHaveLength(100);
  });
});

describe('a delete', () => {
  test('ends the containers before the object goes', async () => {
    await begin({ script: () => ({ stopMs: 3_000 }) });
    await world.apply('web', { replicas: 2 });
    await world.until(world.is('Ready'));
    await world.delete('web');
    await world.until(world.is('Terminating'));
    expect(world.alive).toHaveLength(2);
    await world.until(async () => !(await world.get('web')));
    expect(world.runtime.containers).toEqual([]);
  });

  test('can be hurried', async () => {
    await begin({ script: () => ({ stopMs: 3_600_000 }) });
    await world.apply('web', { template: { spec: { terminationGracePeriodSeconds: 600 } } });
    await world.until(world.is('Ready'));
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
    await world.until(world.is('Ready'));
    await world.delete('web');
    await world.until(async () => !(await world.get('web')));
    await world.apply('web');
    await world.until(world.is('Ready'));
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
    await world.until(world.is('Ready'));
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
    await world.until(world.is('Ready'));
    expect({ least, most }).toEqual({ least: 3, most: 4 });
  });

  test('to a bad image leaves the old ones serving, says why, and can be rolled back', async () => {
    await begin();
    await world.apply('web', { replicas: 2, progressDeadlineSeconds: 60 });
    await world.until(world.is('Ready'));
    const before = world.runtime.containers;
    await world.apply('web', { replicas: 2, progressDeadlineSeconds: 60, ...template({ image: 'bad:1' }) });
    await world.until(world.is('ImagePullFailed'));
    expect((await world.get('web'))?.status).toMatchObject({ availableReplicas: 2, updatedReplicas: 0 });
    await world.until(
      async () => (await world.reason('web', 'Progressing')) === 'ProgressDeadlineExceeded',
      61_000,
    );
    expect(await world.reason('web', 'Available')).toBe('MinimumReplicasAvailable');
    await world.apply('web', { replicas: 2, progressDeadlineSeconds: 60 });
    await world.until(world.is('Ready'));
    expect(world.runtime.containers).toEqual(before);
  });

  test('whose probe fails leaves the old ones serving, and can be rolled back', async () => {
    await begin({
      script: ({ container }) =>
        container.args ? { probe: () => ({ success: false, message: 'HTTP 500' }) } : {},
    });
    await world.apply('web', { replicas: 2, ...template(probed) });
    await world.until(world.is('Ready'));
    await world.apply('web', { replicas: 2, ...template({ ...probed, args: ['bad'] }) });
    await world.until(
      async () => (await world.reason('web', 'Progressing')) === 'ProgressDeadlineExceeded',
      601_000,
    );
    expect(await world.reason('web', 'Ready')).toBe('ProbeFailed');
    expect(world.alive).toEqual(['web-0/0', 'web-0/0', 'web-1/0']);
    await world.apply('web', { replicas: 2, ...template(probed) });
    await world.until(world.is('Ready'));
    expect(world.alive).toEqual(['web-0/0', 'web-1/0']);
  });

  test('with Recreate pulls first, then ends all old ones, then begins', async () => {
    await begin({ script: () => ({ stopMs: 2_000 }) });
    world.runtime.images.offer('new:1', { pullMs: 5_000 });
    const recreate = { replicas: 2, strategy: { type: 'Recreate' } };
    await world.apply('web', recreate);
    await world.until(world.is('Ready'));
    await world.apply('web', { ...recreate, ...template({ image: 'new:1' }) });
    await world.until(world.is('Pulling'));
    expect(world.alive).toHaveLength(2);
    const hashes: number[] = [];
    world.runtime.onChange((containers) => {
      hashes.push(new Set(containers.map(({ templateHash }) => templateHash)).size);
    });
    await world.until(world.is('Ready'));
    expect(Math.max(...hashes)).toBe(1);
    expect(world.alive).toEqual(['web-0/0', 'web-1/0']);
  });

  test('restarts with the same image', async () => {
    await begin();
    await world.apply('web');
    await world.until(world.is('Ready'));
    const [before] = world.runtime.containers;
    await world.apply('web', restarted('now'));
    await world.until(
      async () => (await world.is('Ready')()) && world.runtime.containers[0]?.name !== before?.name,
    );
    expect(world.alive).toEqual(['web-0/0']);
  });
});
