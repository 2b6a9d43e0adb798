import { jest } from '@jest/globals';
import { sharedEngine } from '../../../../../test/support/docker-engine.ts';
import { DockerSandbox } from '../../../../../test/support/docker-sandbox.ts';
import { eventually } from '../../../../../test/support/eventually.ts';

describe('a probe that executes', () => {
  jest.setTimeout(60_000);
  let sandbox: DockerSandbox;

  beforeAll(async () => {
    sandbox = new DockerSandbox(await sharedEngine());
  });
  afterEach(() => sandbox.cleanUp());

  const execute = (name: string, command: string[], milliseconds = 10_000) =>
    sandbox.runtime.probe(name, { exec: { command } }, milliseconds);

  test.each([
    ['succeeds with code 0', ['true'], { success: true, message: 'exit code 0' }],
    ['fails with any other', ['sh', '-c', 'exit 7'], { success: false, message: 'exit code 7' }],
    [
      'fails where there is no such program',
      ['absent'],
      { message: expect.stringContaining('"absent" is not') },
    ],
    ['takes no harm from 50 MB of output', ['head', '-c', '50000000', '/dev/zero'], { success: true }],
  ])('%s', async (_, command, expected) => {
    const { name } = await sandbox.run();
    expect(await execute(name, command)).toMatchObject(expected);
  });

  test('says nothing of what the command wrote: it may be a secret', async () => {
    const { name } = await sandbox.run({ env: [{ name: 'PASSWORD', value: 'secret' }] });
    expect(await execute(name, ['sh', '-c', 'echo $PASSWORD; exit 1'])).toEqual({
      success: false,
      message: 'exit code 1',
    });
  });

  test('that overruns its time fails, and runs once however often it is repeated', async () => {
    const { name } = await sandbox.run();
    expect(await execute(name, ['sleep', '3'], 300)).toEqual({
      success: false,
      message: 'no answer within 0.3 s',
    });
    expect(await execute(name, ['sleep', '3'], 300)).toMatchObject({
      success: false,
      message: expect.stringContaining('still running'),
    });
    const processes = await sandbox.docker('top', name);
    expect(processes.match(/sleep 3$/gm)).toHaveLength(1);
    await eventually(async () => (await execute(name, ['true'])).success, {
      timeoutMs: 20_000,
      intervalMs: 100,
    });
  });

  test('has the privileges of the container and no more', async () => {
    const { name } = await sandbox.run({
      securityContext: { runAsUser: 1234, capabilities: { drop: ['ALL'] } },
    });
    const isBare =
      'test "$(id -u)" = 1234 && grep -q "^CapEff:.*0000000000000000$" /proc/self/status && grep -q "^NoNewPrivs:.*1$" /proc/self/status';
    expect(await execute(name, ['sh', '-c', isBare])).toMatchObject({ success: true });
  });

  test('in a container that does not run fails', async () => {
    const { name } = await sandbox.run();
    await sandbox.docker('kill', name);
    expect(await execute(name, ['true'])).toMatchObject({ success: false });
  });
});
