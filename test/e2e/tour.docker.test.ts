import { jest } from '@jest/globals';
import { eventually, until } from '../support/eventually.ts';
import type { Agent } from './agent.ts';
import type { CommandLine } from './command-line.ts';
import { introduce } from './introduce.ts';
import { Machines } from './machines.ts';
import { manifest } from './manifest.ts';

jest.setTimeout(120_000);

const SLOW = { timeoutMs: 30_000, intervalMs: 100 };

let machines: Machines;
let alice: Agent;
let dev: CommandLine;

beforeAll(async () => {
  machines = await Machines.create();
  [alice, dev] = [await machines.provider('alice'), await machines.developer('dev')];
  await introduce(dev, alice, { developer: 'dev', provider: 'alice' });
});

afterAll(() => machines.stop());

async function page(): Promise<string> {
  const port = await dev.ok(
    'get',
    'deployment',
    'web',
    '-o',
    'jsonpath={.status.containers[0].ports[0].hostPort}',
  );
  return (await fetch(`http://127.0.0.1:${port}/`)).text();
}

/** Each test goes on where the one before has ended, as a person does who follows the README. */
describe('the tour of the README', () => {
  it('finds the provider', async () => {
    expect(await dev.ok('peers', 'ping', 'alice')).toContain('/ip4/127.0.0.1/tcp/');
  });

  it('applies a manifest, twice with the same result', async () => {
    const file = await machines.file('web.yaml', manifest('web', { replicas: 2 }));
    expect(await dev.ok('apply', '-f', file)).toBe('deployment/web created\n');
    expect(await dev.ok('apply', '-f', file)).toBe('deployment/web unchanged\n');
    expect(await dev.ok('get', 'deployments')).toMatch(/web +2\/2 +2 +alice +<none> +Ready/);
    expect(await page()).toContain('web 1 on web-0');
    expect(await alice.containers('status=running')).toHaveLength(2);
  });

  it('shows the chain from manifest to probe, unbroken', async () => {
    const status = await dev.ok('status', 'web');
    for (const link of ['manifest', 'signature', 'peer', 'admission', 'image', 'process'])
      expect(status).toMatch(new RegExp(`${link} +ok`));
  });

  it('follows changes with get -w, and ends cleanly with Ctrl-C', async () => {
    const watch = dev.follow('get', 'deployments', '-w');
    await eventually(() => expect(watch.stdout).toMatch(/web +2\/2/), SLOW);
    await dev.ok('scale', 'web', '--replicas', '3');
    await eventually(() => expect(watch.stdout).toMatch(/web +3\/3/), SLOW);
    expect(await watch.interrupt()).toBe(0);
  });

  it('shows logs, and follows them', async () => {
    expect(await dev.ok('logs', 'web')).toBe('web 1 started on web-0\n');
    const logs = dev.follow('logs', 'web', '-f', '--all-replicas');
    await eventually(() => expect(logs.stdout.split('\n').filter(Boolean)).toHaveLength(3), SLOW);
    await logs.interrupt();
  });

  it('updates without a moment in which too few replicas run', async () => {
    const before = new Set(await alice.containers());
    const file = await machines.file(
      'web.yaml',
      manifest('web', { replicas: 3, image: 'peercompute.local/web:2' }),
    );
    expect(await dev.ok('apply', '-f', file)).toBe('deployment/web configured\n');
    expect(await page()).toContain('web 2 on web-0');
    await eventually(
      async () => expect((await alice.containers()).filter((id) => before.has(id))).toEqual([]),
      SLOW,
    );
  });

  it('keeps the old revision when the new image does not exist, and says why', async () => {
    const file = await machines.file(
      'broken.yaml',
      manifest('web', { replicas: 3, image: '127.0.0.1:1/nothing:here' }),
    );
    const { code, stderr } = await dev.run('apply', '-f', file, '--timeout', '5s');
    expect([code, stderr]).toEqual([3, expect.stringContaining('ImagePullFailed')]);
    expect(await alice.containers('status=running')).toHaveLength(3);
    await dev.ok(
      'apply',
      '-f',
      await machines.file('web.yaml', manifest('web', { replicas: 3, image: 'peercompute.local/web:2' })),
    );
  });

  it('restarts: the same spec in new containers', async () => {
    const before = await alice.containers('status=running');
    await dev.ok('restart', 'web');
    const after = await alice.containers('status=running');
    expect(after).toHaveLength(3);
    expect(after.filter((id) => before.includes(id))).toEqual([]);
  });

  it('stops and starts with the same replica count', async () => {
    await dev.ok('stop', 'web');
    expect(await alice.containers('status=running')).toEqual([]);
    expect(await dev.ok('get', 'deployments')).toMatch(/web +0\/3 .*Stopped/);
    await dev.ok('start', 'web');
    expect(await alice.containers('status=running')).toHaveLength(3);
  });

  it('describes with conditions and events', async () => {
    const text = await dev.ok('describe', 'deployment', 'web');
    expect(text).toMatch(/Ready +True/);
    expect(text).toContain('Started web-0');
  });

  it('deletes, and nothing is left on the provider', async () => {
    await dev.ok('delete', 'deployment', 'web');
    expect(await dev.ok('get', 'deployments', '--no-headers')).toBe('');
    expect(await alice.containers()).toEqual([]);
    const own = `label=peercompute.dev/agent=${await alice.cli.peerID()}`;
    await until(
      async () =>
        (await alice.docker('network', 'ls', '--quiet', '--filter', own)) === '' ? true : undefined,
      { timeoutMs: 90_000, intervalMs: 500 },
    );
  });

  it('deploys an image in one line', async () => {
    await dev.ok(
      'deploy',
      'peercompute.local/web:1',
      '--peer',
      'alice',
      '--name',
      'quick',
      '--memory',
      '32M',
      '--cpu',
      '100m',
    );
    expect(await dev.ok('get', 'deployment', 'quick', '--no-headers')).toMatch(/^quick +1\/1/);
    await dev.ok('delete', 'deployment', 'quick');
  });
});
