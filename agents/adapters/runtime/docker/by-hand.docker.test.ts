import { jest } from '@jest/globals';
import { Reason } from '../../../../api/v1alpha1/reasons.ts';
import { BUSYBOX_IMAGE, sharedEngine } from '../../../../test/support/docker-engine.ts';
import { DockerSandbox } from '../../../../test/support/docker-sandbox.ts';
import { FakeLogger } from '../../../../test/support/fake-logger.ts';

describe('what a person does with docker beside the agent', () => {
  jest.setTimeout(60_000);
  const logger = new FakeLogger();
  let sandbox: DockerSandbox;

  beforeAll(async () => {
    sandbox = new DockerSandbox(await sharedEngine(), {}, { logger });
  });
  afterEach(() => sandbox.cleanUp());

  async function isDrifted(name: string): Promise<boolean | undefined> {
    return (await sandbox.runtime.list()).find((container) => container.name === name)?.drifted;
  }

  test.each([
    [
      'docker update --memory',
      ['update', '--memory', '300m', '--memory-swap', '300m'],
      ['Memory', 'MemorySwap'],
    ],
    ['docker update --cpus', ['update', '--cpus', '1'], ['NanoCpus']],
    ['docker update --pids-limit', ['update', '--pids-limit', '9'], ['PidsLimit']],
    ['docker update --restart', ['update', '--restart', 'always'], ['RestartPolicy']],
    ['docker update --cpuset-cpus', ['update', '--cpuset-cpus', '0'], ['CpusetCpus']],
    ['docker pause', ['pause'], ['paused']],
    ['docker network connect', ['network', 'connect', 'bridge'], ['networks']],
  ])('%s is drift, and the log names what changed', async (_, command, changed) => {
    const { name, drifted } = await sandbox.run();
    expect(drifted).toBe(false);
    await sandbox.docker(...command, name);
    expect(await isDrifted(name)).toBe(true);
    expect(logger.at('warn').at(-1)).toMatchObject({ fields: { container: name, changed } });
  });

  test('docker pause does not keep a process from ending as it likes', async () => {
    const { name } = await sandbox.run({
      command: ['sh', '-c', 'trap "exit 7" TERM; while :; do sleep 0.1; done'],
    });
    await sandbox.docker('pause', name);
    await sandbox.runtime.stop(name, 30);
    expect((await sandbox.runtime.list())[0]).toMatchObject({ state: 'Exited', exitCode: 7 });
  });

  test('docker network disconnect is drift', async () => {
    const { name } = await sandbox.run();
    const [network] = Object.keys((await sandbox.inspect(name)).NetworkSettings.Networks);
    await sandbox.docker('network', 'disconnect', network ?? '', name);
    expect(await isDrifted(name)).toBe(true);
  });

  test('docker rename is drift, and the container is still ours to remove', async () => {
    const { name } = await sandbox.run();
    await sandbox.docker('rename', name, `renamed-${name}`);
    expect(await isDrifted(`renamed-${name}`)).toBe(true);
    await sandbox.runtime.remove(`renamed-${name}`, 0);
    expect(await sandbox.runtime.list()).toEqual([]);
  });

  test('a container that was stopped and started again is not drifted', async () => {
    const { name } = await sandbox.run();
    await sandbox.docker('restart', '--time', '0', name);
    expect(await isDrifted(name)).toBe(false);
  });

  test('a container with half of our labels is not ours', async () => {
    const labels = [`peercompute.dev/agent=${sandbox.agentID}`, 'peercompute.dev/deployment=web'];
    const flags = labels.flatMap((label) => ['--label', label]);
    await sandbox.docker('create', ...flags, BUSYBOX_IMAGE, 'true');
    expect(await sandbox.runtime.list()).toEqual([]);
  });

  test('a container made of a copy of ours is not ours, though it bears all our labels', async () => {
    const { name } = await sandbox.run();
    const copy = `peercompute.local/copy:${sandbox.agentID.toLowerCase()}`;
    await sandbox.docker('commit', name, copy);
    try {
      await sandbox.docker('create', '--name', `copy-${name}`, copy);
      expect((await sandbox.runtime.list()).map((container) => container.name)).toEqual([name]);
      await sandbox.runtime.remove(`copy-${name}`, 0);
      await sandbox.docker('rm', `copy-${name}`);
    } finally {
      await sandbox.docker('rmi', '--force', copy);
    }
  });

  test('a name that is taken by another is an error that names it, and the other stays', async () => {
    const request = await sandbox.request();
    await sandbox.runtime.run(request, AbortSignal.timeout(60_000));
    const { name } = await sandbox.the(request);
    await sandbox.runtime.remove(name, 0);
    await sandbox.docker('create', '--name', name, BUSYBOX_IMAGE, 'true');
    try {
      await expect(sandbox.runtime.run(request, AbortSignal.timeout(60_000))).rejects.toMatchObject({
        reason: Reason.CreateFailed,
        message: expect.stringContaining(name),
      });
      await sandbox.runtime.stop(name, 0);
      await sandbox.runtime.remove(name, 0);
      await sandbox.docker('inspect', name);
    } finally {
      await sandbox.docker('rm', name);
    }
  });

  test('a container that was made and never started is started', async () => {
    const request = await sandbox.request();
    await sandbox.runtime.run(request, AbortSignal.timeout(60_000));
    const next = { ...request, attempt: 1 };
    const name = await sandbox.create(next);
    expect(await sandbox.the(next)).toMatchObject({ name, state: 'Created', drifted: false });
    await sandbox.runtime.run(next, AbortSignal.timeout(60_000));
    expect(await sandbox.the(next)).toMatchObject({ name, state: 'Running', drifted: false });
  });

  test('a container that is less isolated than was asked for is never started', async () => {
    const request = await sandbox.request();
    const name = await sandbox.create(request, { Privileged: true, CapDrop: [] });
    await expect(sandbox.runtime.run(request, AbortSignal.timeout(60_000))).rejects.toMatchObject({
      reason: Reason.CreateFailed,
      message: expect.stringMatching(/did not apply .*Privileged/),
    });
    await expect(sandbox.docker('inspect', name)).rejects.toThrow(/no such object/i);
  });

  test('the beginning of an ID is not a name', async () => {
    const { name } = await sandbox.run();
    const id = await sandbox.docker('inspect', '--format', '{{.Id}}', name);
    await sandbox.runtime.remove(id.slice(0, 12), 0);
    expect(await isDrifted(name)).toBe(false);
  });
});
