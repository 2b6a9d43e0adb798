import { jest } from '@jest/globals';
import { Reason } from '../../../../../api/v1alpha1/reasons.ts';
import type { LogLine, RuntimeEvent } from '../../../../../controllers/ports/runtime.ts';
import { PrivateEngine } from '../../../../../test/support/docker-engine.ts';
import { DockerSandbox } from '../../../../../test/support/docker-sandbox.ts';
import { eventually } from '../../../../../test/support/eventually.ts';

const TIMEOUTS = { answerTimeoutMilliseconds: 1_000, heartbeatMilliseconds: 200 };
const UNAVAILABLE = { name: 'RuntimeError', reason: Reason.RuntimeUnavailable };
const PATIENCE = { timeoutMs: 30_000, intervalMs: 50 };

describe('an engine', () => {
  jest.setTimeout(120_000);
  let engine: PrivateEngine;
  let sandbox: DockerSandbox;
  let stop: AbortController;

  beforeAll(async () => {
    engine = await PrivateEngine.start();
    sandbox = new DockerSandbox(engine.dockerHost, TIMEOUTS);
  });
  beforeEach(() => {
    stop = new AbortController();
  });
  afterEach(async () => {
    stop.abort();
    await sandbox.cleanUp();
  });
  afterAll(() => engine.stop());

  function listen(): RuntimeEvent[] {
    const seen: RuntimeEvent[] = [];
    void (async () => {
      for await (const event of sandbox.runtime.events(stop.signal)) seen.push(event);
    })();
    return seen;
  }

  test('that hangs fails every call, and all is well when it goes on', async () => {
    const { runtime } = sandbox;
    const { name } = await sandbox.run();
    const request = await sandbox.request();
    const { signal } = stop;
    engine.freeze();
    try {
      const calls: (() => Promise<unknown>)[] = [
        () => runtime.info(),
        () => runtime.list(),
        () => runtime.run(request, signal),
        () => runtime.stop(name, 3600),
        () => runtime.remove(name, 3600),
        () => runtime.image('peercompute.local/busybox:1'),
        () => runtime.pull('peercompute.local/busybox:1', { signal }),
        () => runtime.probe(name, { exec: { command: ['true'] } }, 500),
        () => collect(runtime.logs(name, { signal })),
        () => runtime.prune(),
      ];
      const failures = await Promise.all(calls.map((call) => call().catch((error: unknown) => error)));
      expect(failures).toEqual(calls.map(() => expect.objectContaining(UNAVAILABLE)));
    } finally {
      engine.thaw();
    }
    await eventually(() => runtime.list(), PATIENCE);
    expect((await named(name)).state).toMatch(/./);
  });

  test('that hangs in the middle of something long ends that too', async () => {
    const { runtime } = sandbox;
    const request = await sandbox.request({ command: ['sh', '-c', 'trap "" TERM; echo up; sleep 1000'] });
    await runtime.run(request, stop.signal);
    const { name } = await sandbox.the(request);
    const seen: LogLine[] = [];
    const following = (async () => {
      for await (const line of runtime.logs(name, { follow: true, signal: stop.signal })) seen.push(line);
    })();
    const stopping = runtime.stop(name, 3600);
    const both = Promise.allSettled([following, stopping]);
    await eventually(() => seen.length > 0, PATIENCE);
    engine.freeze();
    try {
      expect(await both).toMatchObject([{ reason: UNAVAILABLE }, { reason: UNAVAILABLE }]);
    } finally {
      engine.thaw();
    }
  });

  test('that was away is listed again, and its events go on', async () => {
    const { runtime } = sandbox;
    const { name } = await sandbox.run();
    const seen = listen();
    await eventually(() => seen.length > 0, PATIENCE);
    seen.length = 0;
    await engine.shutDown();
    await expect(runtime.list()).rejects.toMatchObject({
      ...UNAVAILABLE,
      message: expect.stringMatching(/cannot talk to Docker at unix:.*(install|running)/),
    });
    // That it is gone is a reason to look.
    await eventually(() => seen.length > 0, PATIENCE);
    await engine.startAgain();
    expect(await named(name)).toMatchObject({ state: 'Exited', drifted: false });
    const again = await sandbox.run();
    await eventually(async () => {
      await sandbox.docker('update', '--cpus', '0.1', again.name);
      return seen.some(({ uid }) => uid === again.uid);
    }, PATIENCE);
  });

  test('that hangs is noticed by who listens to events', async () => {
    const seen = listen();
    await eventually(() => seen.length > 0, PATIENCE);
    seen.length = 0;
    engine.freeze();
    try {
      await eventually(() => seen.length > 0, PATIENCE);
    } finally {
      engine.thaw();
    }
    const request = await sandbox.request();
    await eventually(() => sandbox.runtime.run(request, stop.signal).then(() => true), PATIENCE);
    await eventually(() => seen.some(({ uid }) => uid === request.uid), PATIENCE);
  });

  test('without a subnet left says what to do', async () => {
    await sandbox.docker('network', 'create', '--subnet', await engine.subnets(), 'occupies-all');
    try {
      const request = await sandbox.request();
      await expect(sandbox.runtime.run(request, stop.signal)).rejects.toMatchObject({
        reason: Reason.CreateFailed,
        message: expect.stringContaining('default-address-pools'),
      });
    } finally {
      await sandbox.docker('network', 'rm', 'occupies-all');
    }
  });

  async function named(name: string) {
    const found = (await sandbox.runtime.list()).find((container) => container.name === name);
    if (!found) throw new Error(`${name} is not listed`);
    return found;
  }
});

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}
