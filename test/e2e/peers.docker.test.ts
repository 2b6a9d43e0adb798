import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { jest } from '@jest/globals';
import { eventually } from '../support/eventually.ts';
import type { Agent } from './agent.ts';
import type { CommandLine } from './command-line.ts';
import { introduce } from './introduce.ts';
import { Machines } from './machines.ts';
import { manifest } from './manifest.ts';

jest.setTimeout(120_000);

const SLOW = { timeoutMs: 60_000, intervalMs: 200 };

let machines: Machines;

beforeEach(async () => {
  machines = await Machines.create();
});

afterEach(() => machines.stop());

async function apply(dev: CommandLine, text: string, ...flags: string[]) {
  return dev.run('apply', '-f', await machines.file(`${Math.random()}.yaml`, text), ...flags);
}

async function owners(agent: Agent): Promise<string> {
  return agent.cli.ok('get', 'deployments', '-A', '-o', 'jsonpath={.items[*].metadata.owner}');
}

describe('several developers and providers', () => {
  it('two developers deploy web to one provider at once, and neither sees the other', async () => {
    const alice = await machines.provider('alice');
    const [ann, ben] = [await machines.developer('ann'), await machines.developer('ben')];
    await introduce(ann, alice, { developer: 'ann', provider: 'alice' });
    await introduce(ben, alice, { developer: 'ben', provider: 'alice' });
    const results = await Promise.all([
      apply(ann, manifest('web', { replicas: 2 })),
      apply(ben, manifest('web')),
    ]);
    expect(results.map(({ code }) => code)).toEqual([0, 0]);
    expect(await ann.ok('get', 'deployments', '--no-headers')).toMatch(/^web +2\/2[^\n]*\n$/);
    expect(await ben.ok('get', 'deployments', '--no-headers')).toMatch(/^web +1\/1[^\n]*\n$/);
    expect((await owners(alice)).split(' ').sort()).toEqual([await ann.peerID(), await ben.peerID()].sort());
    await ann.ok('delete', 'deployment', 'web');
    expect(await alice.containers('status=running')).toHaveLength(1);
    expect(await ben.ok('status', 'web')).toMatch(/process +ok/);
  });

  it('replicas spread over two providers; one goes offline, its spec waits, and is delivered when it returns', async () => {
    const [alice, bob] = await Promise.all([machines.provider('alice'), machines.provider('bob')]);
    const dev = await machines.developer('dev');
    await introduce(dev, alice, { developer: 'dev', provider: 'alice' });
    await introduce(dev, bob, { developer: 'dev', provider: 'bob' });
    const peers = ['alice', 'bob'];
    expect((await apply(dev, manifest('web', { peers, replicas: 4 }))).code).toBe(0);
    expect(await alice.containers('status=running')).toHaveLength(2);
    expect(await bob.containers('status=running')).toHaveLength(2);

    const watch = dev.follow('get', 'deployments', '-w');
    await eventually(() => expect(watch.stdout).toMatch(/web +4\/4 .*Ready/), SLOW);
    await bob.stop();
    await eventually(() => expect(watch.stdout).toMatch(/web +2\/4 .*PeerUnreachable/), SLOW);
    await watch.interrupt();

    const waiting = await apply(dev, manifest('web', { peers, replicas: 6 }));
    expect(waiting).toMatchObject({ code: 5, stderr: expect.stringContaining('queued for bob') });
    await eventually(async () => expect(await alice.containers('status=running')).toHaveLength(3), SLOW);
    expect(await bob.containers('status=running')).toHaveLength(2);

    await bob.start();
    await eventually(async () => {
      await dev.run('sync');
      expect(await dev.ok('get', 'deployments')).toMatch(/web +6\/6/);
    }, SLOW);
    expect(await bob.containers('status=running')).toHaveLength(3);
  });

  it('a developer who is not trusted is told so, and by whom to be let in', async () => {
    const alice = await machines.provider('alice');
    const dev = await machines.developer('dev');
    await dev.ok('peers', 'add', await alice.cli.peerID(), '--name', 'alice', '--addr', alice.address);
    const { code, stderr } = await apply(dev, manifest('web'));
    expect([code, stderr]).toEqual([4, expect.stringContaining('NotTrustedByPeer')]);
    expect(await alice.containers()).toEqual([]);
  });

  it('trust that is withdrawn stops the containers at once, without a restart of the agent', async () => {
    const alice = await machines.provider('alice');
    const dev = await machines.developer('dev');
    await introduce(dev, alice, { developer: 'dev', provider: 'alice' });
    expect((await apply(dev, manifest('web'))).code).toBe(0);
    await alice.cli.ok('peers', 'remove', 'dev');
    await eventually(async () => expect(await alice.containers('status=running')).toEqual([]), SLOW);
    expect((await dev.run('peers', 'ping', 'alice')).code).toBe(4);
  });

  it('sync --watch carries edits of a repository of manifests to the peer', async () => {
    const alice = await machines.provider('alice');
    const dev = await machines.developer('dev');
    await introduce(dev, alice, { developer: 'dev', provider: 'alice' });
    const repository = `${machines.directory}/repository`;
    await mkdir(repository);
    await writeFile(`${repository}/web.yaml`, manifest('web'));
    const sync = dev.follow('sync', '-f', repository, '--watch', '--prune');
    await eventually(async () => expect(await alice.containers('status=running')).toHaveLength(1), SLOW);
    await writeFile(`${repository}/web.yaml`, manifest('web', { replicas: 2 }));
    await eventually(async () => expect(await alice.containers('status=running')).toHaveLength(2), SLOW);
    // Another command finds the syncer at work, writes the spec and watches the status.
    await dev.ok('scale', 'web', '--replicas', '1');
    await eventually(async () => expect(await alice.containers('status=running')).toHaveLength(1), SLOW);
    expect(await sync.interrupt()).toBe(0);
  });

  it('a second sync --watch stands by until the first one ends', async () => {
    const alice = await machines.provider('alice');
    const dev = await machines.developer('dev');
    await introduce(dev, alice, { developer: 'dev', provider: 'alice' });
    const first = dev.follow('sync', '--watch');
    await eventually(() => expect(existsSync(`${dev.stateDirectory}/sync.lock`)).toBe(true), SLOW);
    const second = dev.follow('sync', '--watch');
    await eventually(() => expect(second.stderr).toContain('takes over when it ends'), SLOW);
    const watch = dev.follow('get', 'deployments', '-w');
    await dev.ok('apply', '-f', await machines.file('web.yaml', manifest('web')));
    await eventually(() => expect(watch.stdout).toMatch(/web .*Ready/), SLOW);
    expect(watch.stderr).toBe('');
    await watch.interrupt();
    expect(await first.interrupt()).toBe(0);
    // An edit by hand: no command is there that could carry it out.
    const file = `${dev.stateDirectory}/manifests/deployments/default/web.yaml`;
    await writeFile(file, (await readFile(file, 'utf8')).replace('replicas: 1', 'replicas: 2'));
    await eventually(async () => expect(await alice.containers('status=running')).toHaveLength(2), SLOW);
    expect(await second.interrupt()).toBe(0);
  });
});
