import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import { eventually } from '../support/eventually.ts';
import { TestDns } from '../support/pebble-dns.ts';
import type { Agent } from './agent.ts';
import type { CommandLine } from './command-line.ts';
import type { Daemon } from './daemon.ts';
import { introduce } from './introduce.ts';
import { Machines } from './machines.ts';
import type { Ended } from './programs.ts';

jest.setTimeout(180_000);

const SLOW = { timeoutMs: 60_000, intervalMs: 200 };
const HOST = 'web-dev.example.test';
const SHOP = 'shop.example.net';

let machines: Machines;
let dns: TestDns;
let gateway: Daemon;
let alice: Agent;
let dev: CommandLine;
let httpsPort: string;

beforeAll(async () => {
  machines = await Machines.create();
  dns = await TestDns.start({ zone: 'example.net' });
  gateway = await machines.gateway('gateway', {
    flags: ['--ca-domain', 'example.net', '--dns-resolver', dns.address],
  });
  httpsPort = await gateway.said(/"httpsPort":(\d+)/);
  const address = `${gateway.address}/p2p/${await gateway.cli.peerID()}`;
  alice = await machines.provider('alice', { flags: ['--gateway', address] });
  dev = await machines.developer('dev');
  await introduce(dev, alice, { developer: 'dev', provider: 'alice' });
  await gateway.cli.ok('peers', 'add', await alice.cli.peerID(), '--name', 'alice', '--allow', 'expose');
  await gateway.cli.ok('peers', 'add', await dev.peerID(), '--name', 'dev');
});

afterAll(async () => {
  await machines.stop();
  await dns.stop();
});

/** What any visitor gets who trusts the gateway's authority. */
function curl(host: string, ...args: string[]): Promise<Ended> {
  const authority = join(gateway.cli.stateDirectory, 'certificates', 'ca.pem');
  const fixed = ['--silent', '--show-error', '--max-time', '10', '--cacert', authority];
  const resolve = ['--resolve', `${host}:${httpsPort}:127.0.0.1`];
  return new Promise((done) => {
    execFile(
      'curl',
      [...fixed, ...resolve, ...args, `https://${host}:${httpsPort}/`],
      (error, stdout, stderr) =>
        done({ code: typeof error?.code === 'number' ? error.code : error ? -1 : 0, stdout, stderr }),
    );
  });
}

const answers = async () => expect((await curl(HOST, '--fail')).stdout).toContain('web 1 on web-');

describe('a gateway', () => {
  it('gives what is deployed with --expose a public address, and says which', async () => {
    const { code, stdout } = await dev.run(
      'deploy',
      'peercompute.local/web:1',
      '--peer',
      'alice',
      '--expose',
      '80',
    );
    expect([code, stdout]).toEqual([0, expect.stringContaining(`https://${HOST}:${httpsPort}\n`)]);
    await answers();
    expect(await dev.ok('get', 'deployments')).toContain(`https://${HOST}:${httpsPort}`);
    expect(await dev.ok('status', 'web')).toMatch(/tunnel +ok +https:\/\/web-dev/);
    expect(await gateway.cli.ok('get', 'routes', '-A')).toMatch(
      /alice +web\.\S+ +web-dev\.example\.test +default\/web +dev +Ready/,
    );
  });

  it('speaks TLS for the names that it serves, and HTTP/1.1 with keep-alive', async () => {
    const { stdout } = await curl(
      HOST,
      '--fail',
      '--next',
      '--silent',
      '--insecure',
      '--write-out',
      '%{num_connects}',
    );
    expect(stdout).toContain('web 1');
    const unknown = await curl('other.example.net');
    expect([unknown.code, unknown.stderr]).toEqual([35, expect.stringMatching(/unrecognized name/i)]);
  });

  it('keeps the address when the container is replaced, scaled and stopped', async () => {
    await dev.ok('scale', 'deployment', 'web', '--replicas', '2');
    await dev.ok('restart', 'deployment', 'web');
    await eventually(answers, SLOW);
    await dev.ok('stop', 'deployment', 'web');
    await eventually(async () => expect((await curl(HOST)).stdout).toMatch(/50[23]/), SLOW);
    await dev.ok('start', 'deployment', 'web');
    await eventually(answers, SLOW);
  });

  it('serves again by itself after it was killed', async () => {
    const [, , , , tunnelPort = ''] = gateway.address.split('/');
    await gateway.stop('SIGKILL');
    await gateway.start('--https-port', httpsPort, '--tunnel-port', tunnelPort);
    await eventually(answers, SLOW);
  });

  it('serves again by itself after the provider was killed', async () => {
    await alice.stop('SIGKILL');
    expect((await curl(HOST)).stdout).toContain('503');
    await alice.start();
    await eventually(answers, SLOW);
  });

  it('lets nobody else have the name', async () => {
    const carol = await machines.developer('carol');
    await introduce(carol, alice, { developer: 'carol', provider: 'alice' });
    await gateway.cli.ok(
      'peers',
      'add',
      await carol.peerID(),
      '--name',
      'carol',
      '--allow',
      'expose',
      '--host',
      HOST,
    );
    const thief = [
      'deploy',
      'peercompute.local/web:2',
      '--name',
      'web',
      '--peer',
      'alice',
      '--expose',
      '80',
      '--host',
      HOST,
    ];
    expect(await carol.run(...thief)).toMatchObject({
      code: 4,
      stderr: expect.stringContaining('HostnameTaken'),
    });
    await answers();
  });

  it('serves a host of somebody else’s domain for whom the DNS gives it to', async () => {
    await dev.ok('scale', 'deployment', 'web', '--replicas', '1');
    const own = ['--allow', 'expose', '--host', SHOP];
    await gateway.cli.ok('peers', 'add', await dev.peerID(), '--name', 'dev', ...own);
    const shop = ['--name', 'shop', '--peer', 'alice', '--expose', '80', '--host', SHOP];
    const record = { name: `_peercompute.${SHOP}`, value: `peercompute=${await dev.peerID()}` };
    const refused = await dev.run('deploy', 'peercompute.local/web:1', ...shop);
    expect([refused.code, refused.stderr]).toEqual([4, expect.stringContaining('HostNotProven')]);
    const missing = new RegExp(
      `tunnel +!! +HostNotProven: .*${record.name} with the value "${record.value}"`,
    );
    await eventually(async () => {
      await dev.ok('sync');
      expect(await dev.ok('status', 'shop')).toMatch(missing);
    }, SLOW);
    dns.add(record.name, record.value);
    await dev.run('deploy', 'peercompute.local/web:2', ...shop);
    await eventually(async () => expect((await curl(SHOP, '--fail')).stdout).toContain('web 2'), SLOW);
  });

  it('stops serving what is deleted', async () => {
    await dev.ok('delete', 'deployment', 'web');
    await eventually(async () => expect((await curl(HOST)).stdout).not.toContain('web 1'), SLOW);
    await eventually(
      async () => expect(await gateway.cli.ok('get', 'routes', '-A')).not.toContain(HOST),
      SLOW,
    );
  });
});
