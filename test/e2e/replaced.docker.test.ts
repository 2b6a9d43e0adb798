import { cp, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import { eventually } from '../support/eventually.ts';
import type { Agent } from './agent.ts';
import type { CommandLine, Following } from './command-line.ts';
import { introduce } from './introduce.ts';
import { Machines } from './machines.ts';
import { manifest } from './manifest.ts';
import { DIST } from './programs.ts';

jest.setTimeout(180_000);

const SLOW = { timeoutMs: 30_000, intervalMs: 100 };

let installed: string;
let machines: Machines;
let alice: Agent;
/** Nobody has talked to it yet. */
let bob: Agent;
let dev: CommandLine;
let repository: string;
let sync: Following;
let watch: Following;

/** Everything runs that goes on for ever, and none of it has done any work yet. Then its files are replaced. */
beforeAll(async () => {
  installed = await mkdtemp(join(tmpdir(), 'peercompute-installed-'));
  await cp(DIST, installed, { recursive: true });
  machines = await Machines.create({ dist: installed });
  [alice, bob] = await Promise.all([machines.provider('alice'), machines.provider('bob')]);
  dev = await machines.developer('dev');
  await introduce(dev, alice, { developer: 'dev', provider: 'alice' });
  repository = join(machines.directory, 'repository');
  await mkdir(repository);
  await writeFile(join(repository, 'quiet.yaml'), manifest('quiet', { replicas: 0 }));
  sync = dev.follow('sync', '-f', repository, '--watch', '--prune');
  watch = dev.follow('get', 'deployments', '-w');
  await eventually(() => expect(watch.stdout).toMatch(/quiet +0\/0 .*Ready/), SLOW);
  await update(installed);
});

afterAll(async () => {
  await machines.stop();
  await rm(installed, { recursive: true });
});

/** What `npm install -g` does when a new version is out: the files of which it consists have other names. */
async function update(directory: string): Promise<void> {
  await rename(join(directory, 'lib'), join(directory, 'lib-of-the-new-version'));
  for (const name of ['peerctl.js', 'peercomputed.js']) {
    const text = await readFile(join(directory, name), 'utf8');
    await writeFile(join(directory, name), text.replace('./lib/', './lib-of-the-new-version/'));
  }
}

describe('programs whose files an update replaces go on as they were', () => {
  it('sync --watch refuses a mistake in a manifest, and says which', async () => {
    await writeFile(join(repository, 'web.yaml'), manifest('web').replace('replicas', 'replicsa'));
    await eventually(() => expect(sync.stderr).toContain('did you mean "replicas"?'), SLOW);
  });

  it('what is applied is delivered, runs, and is seen to be ready', async () => {
    await writeFile(join(repository, 'web.yaml'), manifest('web', { replicas: 2 }));
    await eventually(() => expect(watch.stdout).toMatch(/web +2\/2 .*Ready/), SLOW);
    expect(await alice.containers('status=running')).toHaveLength(2);
  });

  it('logs are read and followed', async () => {
    expect(await dev.ok('logs', 'web')).toBe('web 1 started on web-0\n');
    const logs = dev.follow('logs', 'web', '-f', '--all-replicas');
    await eventually(() => expect(logs.stdout.split('\n').filter(Boolean)).toHaveLength(2), SLOW);
    await logs.interrupt();
  });

  it('a manifest that is edited in the state directory is delivered', async () => {
    await dev.ok('scale', 'web', '--replicas', '3');
    await eventually(() => expect(watch.stdout).toMatch(/web +3\/3 .*Ready/), SLOW);
    const file = join(dev.stateDirectory, 'manifests/deployments/default/web.yaml');
    await writeFile(file, manifest('web', { replicas: 1 }));
    await eventually(async () => expect(await alice.containers('status=running')).toHaveLength(1), SLOW);
  });

  it('the agent takes up what its owner edits', async () => {
    await alice.cli.ok('peers', 'remove', 'dev');
    await eventually(async () => expect(await alice.containers('status=running')).toEqual([]), SLOW);
    await alice.cli.ok('peers', 'add', await dev.peerID(), '--name', 'dev', '--allow', 'deploy,logs');
    await eventually(async () => expect(await alice.containers('status=running')).toHaveLength(1), SLOW);
  });

  it('an agent takes the first spec of its life', async () => {
    await introduce(dev, bob, { developer: 'dev', provider: 'bob' });
    await writeFile(join(repository, 'first.yaml'), manifest('first', { peers: ['bob'] }));
    await eventually(() => expect(watch.stdout).toMatch(/first +1\/1 .*Ready/), SLOW);
  });

  it('what is pruned goes', async () => {
    await rm(join(repository, 'web.yaml'));
    await eventually(async () => expect(await alice.containers()).toEqual([]), SLOW);
    await eventually(async () => expect(await dev.ok('get', 'deployments')).not.toContain('web'), SLOW);
  });

  it('and they end in good order', async () => {
    expect(await Promise.all([sync.interrupt(), watch.interrupt()])).toEqual([0, 0]);
    expect(await Promise.all([alice.stop(), bob.stop()])).toEqual([0, 0]);
    expect((await alice.log()) + (await bob.log())).not.toMatch(/cannot find|ERR_MODULE/i);
  });
});
