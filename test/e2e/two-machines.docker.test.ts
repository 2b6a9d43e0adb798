import { execFile } from 'node:child_process';
import { mkdtemp } from 'node:fs/promises';
import { promisify } from 'node:util';
import { jest } from '@jest/globals';
import { hack } from '../support/docker-engine.ts';
import { eventually } from '../support/eventually.ts';
import type { Agent } from './agent.ts';
import type { CommandLine } from './command-line.ts';
import { introduce } from './introduce.ts';
import { Machines } from './machines.ts';
import { manifest } from './manifest.ts';
import { Hosts } from './namespaces.ts';
import type { Where } from './programs.ts';

jest.setTimeout(180_000);

const SLOW = { timeoutMs: 90_000, intervalMs: 300 };

let hosts: Hosts;
let machines: Machines;
let engine: string;
let alice: Agent;
let dev: CommandLine;
let lent: { where: Where; namespace: string; address: string };

/** Two hosts that share nothing but a wire: the provider's has its own Docker Engine. */
beforeAll(async () => {
  hosts = await Hosts.create('pce2e');
  lent = await hosts.add('alice');
  const own = await hosts.add('dev');
  machines = await Machines.create();
  // Not under TMPDIR: the path of a socket is short.
  engine = await mkdtemp('/tmp/pc-engine-');
  const dockerHost = await hack('docker-engine', 'start', '--dir', engine, '--netns', lent.namespace);
  await hack('test-images', '--docker-host', dockerHost);
  alice = await machines.provider('alice', { where: lent.where, listen: lent.address, dockerHost });
  dev = await machines.developer('dev', own.where);
  await introduce(dev, alice, { developer: 'dev', provider: 'alice' });
});

afterAll(async () => {
  await machines.stop();
  await hack('docker-engine', 'stop', '--dir', engine);
  await hosts.remove();
});

const probed = '          readinessProbe: {httpGet: {port: 80}, periodSeconds: 1}\n';

describe('two machines', () => {
  it('what is applied on one runs on the other', async () => {
    const file = await machines.file('web.yaml', manifest('web', { replicas: 2, more: probed }));
    await dev.ok('apply', '-f', file);
    expect(await dev.ok('get', 'deployments')).toMatch(/web +2\/2/);
    const port = await dev.ok(
      'get',
      'deployment',
      'web',
      '-o',
      'jsonpath={.status.containers[0].ports[0].hostPort}',
    );
    const [file_, ...where] = lent.where;
    const { stdout } = await promisify(execFile)(file_!, [
      ...where,
      'curl',
      '-fsS',
      `http://127.0.0.1:${port}/`,
    ]);
    expect(stdout).toContain('web 1 on web-0');
  });

  it('a port that is published is not reachable from the other machine', async () => {
    const port = await dev.ok(
      'get',
      'deployment',
      'web',
      '-o',
      'jsonpath={.status.containers[0].ports[0].hostPort}',
    );
    const [file, ...rest] = (await hosts.add('other')).where;
    await expect(
      promisify(execFile)(file!, [
        ...rest,
        'curl',
        '-sS',
        '--max-time',
        '3',
        `http://${lent.address}:${port}/`,
      ]),
    ).rejects.toThrow();
  });

  it('a wire that silently loses everything is noticed, and what waited is delivered when it heals', async () => {
    const watch = dev.follow('get', 'deployments', '-w');
    await eventually(() => expect(watch.stdout).toMatch(/web +2\/2 .*Ready/), SLOW);
    await hosts.cut(lent.namespace, true);
    await eventually(() => expect(watch.stdout).toMatch(/web .*PeerUnreachable/), SLOW);
    await dev.ok('scale', 'web', '--replicas', '3', '--wait=false').catch(() => undefined);
    await hosts.cut(lent.namespace, false);
    await eventually(() => expect(watch.stdout).toMatch(/web +3\/3 .*Ready/), SLOW);
    expect(await watch.interrupt()).toBe(0);
  });

  it('logs are followed from one to the other', async () => {
    const logs = dev.follow('logs', 'web', '-f');
    await eventually(() => expect(logs.stdout).toContain('web 1 started on web-0'), SLOW);
    await logs.interrupt();
  });
});
