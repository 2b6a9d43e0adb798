import { RuntimeError } from '../../controllers/ports/runtime.ts';
import type { FakeRuntimeInit } from '../fakes/fake-runtime.ts';
import { ALICE, BOB } from '../support/objects.ts';
import { restarted, template, World } from './deployment-world.ts';

let world: World;

const begin = async (init?: FakeRuntimeInit) => {
  world = await World.begin(init);
};

/** Whatever happened: what has settled is left alone, and what was started is ended. */
afterEach(() => world.end());

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
    await world.until(world.is('Ready'));
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
    await world.until(world.is('Ready'));
    world.runtime.faults = { call: () => ({ type: 'Fail', error: away }) };
    const writes = world.runtime.writes;
    await world.until(world.is('RuntimeUnavailable'));
    expect((await world.get('web'))?.status).toMatchObject({ readyReplicas: 2 });
    await world.clock.advance(600_000);
    expect(world.runtime.writes).toBe(writes);
    world.runtime.faults = {};
    await world.until(world.is('Ready'), 120_000);
    expect(world.alive).toEqual(['web-0/0', 'web-1/0']);
  });

  test('that goes away in the middle of a start is tried again', async () => {
    await begin();
    world.runtime.faults = {
      call: (call, index) => (call === 'run' && index < 3 ? { type: 'Fail', error: away } : undefined),
    };
    await world.apply('web');
    await world.until(world.is('RuntimeUnavailable'));
    await world.until(world.is('Ready'));
  });

  test('that hangs stops nothing but what waits for it', async () => {
    await begin();
    await world.apply('web');
    await world.until(world.is('Ready'));
    world.runtime.faults = { call: (call) => (call === 'list' ? { type: 'Hang' } : undefined) };
    await world.until(world.is('RuntimeUnavailable'), 120_000);
    world.runtime.faults = {};
    await world.until(world.is('Ready'), 120_000);
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
    await world.until(world.is('Ready'));
    expect(world.alive).toEqual(['web-0/0', 'web-1/0']);
  });
});

describe('an agent that starts again', () => {
  test('takes over what runs and touches nothing', async () => {
    await begin({ script: () => ({ probe: () => ({ success: true, message: 'OK' }) }) });
    await world.apply('web', { replicas: 2, ...template({ readinessProbe: { tcpSocket: { port: 80 } } }) });
    await world.until(world.is('Ready'));
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
    await world.until(world.is('Ready', 'gone'));
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
  await world.until(world.is('CrashLoop'));
  await world.apply('web', template({ ...container, image: 'absent:1' }));
  await world.until(world.is('ImagePullFailed'));
  await world.clock.advance(60_000);
  const { status } = (await world.get('web')) ?? {};
  expect((await world.events()).length).toBeGreaterThan(3);
  expect(JSON.stringify([world.logger.lines, await world.events(), status])).not.toContain('hunter2');
});
