import { readFile } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { jest } from '@jest/globals';
import { eventually } from '../support/eventually.ts';
import type { Agent } from './agent.ts';
import type { CommandLine } from './command-line.ts';
import { introduce } from './introduce.ts';
import { Machines } from './machines.ts';
import { manifest } from './manifest.ts';

jest.setTimeout(180_000);

const SLOW = { timeoutMs: 90_000, intervalMs: 200 };

let machines: Machines;
let alice: Agent;
let dev: CommandLine;

beforeAll(async () => {
  machines = await Machines.create();
  [alice, dev] = [await machines.provider('alice'), await machines.developer('dev')];
  await introduce(dev, alice, { developer: 'dev', provider: 'alice' });
  await dev.ok('apply', '-f', await machines.file('web.yaml', manifest('web', { replicas: 2 })));
});

afterAll(() => machines.stop());

const running = () => alice.containers('status=running');

async function oneOf(ids: string[]): Promise<string> {
  const [id] = ids;
  if (!id) throw new Error('nothing runs');
  return id;
}

describe('L3 what happens to containers by hand is repaired', () => {
  it('L3 one that is removed is back', async () => {
    const id = await oneOf(await running());
    await alice.docker('rm', '--force', id);
    await eventually(async () => expect(await running()).toHaveLength(2), SLOW);
    expect(await running()).not.toContain(id);
  });

  it('L3 one that is killed is back after its back-off', async () => {
    const id = await oneOf(await running());
    await alice.docker('kill', id);
    await eventually(async () => {
      const ids = await running();
      expect(ids).toHaveLength(2);
      expect(ids).not.toContain(id);
    }, SLOW);
  });

  it('L3 one whose limits were raised is replaced by one with the limits of the spec', async () => {
    const id = await oneOf(await running());
    await alice.docker('update', '--memory', '512m', '--memory-swap', '512m', id);
    await eventually(async () => expect(await running()).not.toContain(id), SLOW);
    await eventually(async () => expect(await running()).toHaveLength(2), SLOW);
    const limits = await Promise.all(
      (await running()).map((each) => alice.docker('inspect', '--format', '{{.HostConfig.Memory}}', each)),
    );
    expect(new Set(limits)).toEqual(new Set([String(32 * 1024 * 1024)]));
  });

  it('L3 one that was connected to another network is replaced', async () => {
    const id = await oneOf(await running());
    await alice.docker('network', 'connect', 'bridge', id);
    await eventually(async () => expect(await running()).not.toContain(id), SLOW);
    await eventually(async () => expect(await running()).toHaveLength(2), SLOW);
  });

  it('L3 one that was paused is replaced', async () => {
    const id = await oneOf(await running());
    await alice.docker('pause', id);
    await eventually(async () => expect(await alice.containers()).not.toContain(id), SLOW);
    await eventually(async () => expect(await running()).toHaveLength(2), SLOW);
  });

  it('L3 containers of others, and labels that someone forged, are left alone', async () => {
    const id = await alice.docker(
      'run',
      '--detach',
      '--label',
      'peercompute.dev/owner=someone',
      'peercompute.local/busybox:1',
      'sleep',
      '600',
    );
    await alice.docker('rm', '--force', await oneOf(await running()));
    await eventually(async () => expect(await running()).toHaveLength(2), SLOW);
    expect(await alice.docker('inspect', '--format', '{{.State.Running}}', id)).toBe('true');
    await alice.docker('rm', '--force', id);
  });
});

describe('an agent that ends', () => {
  it.each(['SIGTERM', 'SIGKILL'] as const)(
    'by %s leaves its containers running, and takes them up again',
    async (signal) => {
      const before = (await running()).sort();
      const code = await alice.stop(signal);
      if (signal === 'SIGTERM') expect(code).toBe(0);
      expect((await running()).sort()).toEqual(before);
      await alice.start();
      await eventually(async () => {
        await dev.run('sync');
        expect(await dev.ok('get', 'deployments')).toMatch(/web +2\/2/);
      }, SLOW);
      expect((await running()).sort()).toEqual(before);
    },
  );
});

describe('the peer port', () => {
  /** Resident memory of the agent, in MiB. */
  async function memory(): Promise<number> {
    const status = await readFile(`/proc/${alice.pid}/status`, 'utf8');
    return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024;
  }

  /** Sends bytes and waits until the other side hangs up, or for a moment. */
  function pester(port: number, bytes: Buffer): Promise<void> {
    return new Promise((resolve) => {
      const socket = createConnection(port, '127.0.0.1', () => socket.write(bytes));
      socket.setTimeout(300, () => socket.destroy());
      socket.on('error', () => socket.destroy());
      socket.on('close', () => resolve());
    });
  }

  it('takes garbage, floods and silence without growing, and still serves a friend', async () => {
    const port = Number(alice.address.split('/').at(-1));
    const garbage = [
      Buffer.alloc(0),
      Buffer.from('GET / HTTP/1.1\r\n\r\n'),
      Buffer.alloc(1 << 20, 0xff),
      Buffer.from('\x13/multistream/1.0.0\n'),
      Buffer.from('\x13/multistream/1.0.0\n\x07/noise\n\xff\xff'),
    ];
    await pester(port, garbage[1]!);
    const before = await memory();
    for (let round = 0; round < 40; round++) await Promise.all(garbage.map((bytes) => pester(port, bytes)));
    expect(await memory()).toBeLessThan(before + 60);
    await eventually(() => dev.ok('peers', 'ping', 'alice'), SLOW);
  });
});
