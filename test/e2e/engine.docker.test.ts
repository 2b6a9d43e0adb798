import { setTimeout as sleep } from 'node:timers/promises';
import { jest } from '@jest/globals';
import { PrivateEngine } from '../support/docker-engine.ts';
import { eventually } from '../support/eventually.ts';
import type { Agent } from './agent.ts';
import type { CommandLine } from './command-line.ts';
import { introduce } from './introduce.ts';
import { Machines } from './machines.ts';
import { manifest } from './manifest.ts';

jest.setTimeout(300_000);

const SLOW = { timeoutMs: 120_000, intervalMs: 300 };

/** Longer than any request to the engine that is not followed may take. */
const FROZEN_MS = 15_000;

/** Answered from memory, so that this is the patience for a loaded machine and no more. */
const HEALTH_TIMEOUT_MS = 2_000;

let engine: PrivateEngine;
let machines: Machines;
let alice: Agent;
let dev: CommandLine;

beforeAll(async () => {
  engine = await PrivateEngine.start();
  machines = await Machines.create();
  alice = await machines.provider('alice', { dockerHost: engine.dockerHost });
  dev = await machines.developer('dev');
  await introduce(dev, alice, { developer: 'dev', provider: 'alice' });
  await dev.ok('apply', '-f', await machines.file('web.yaml', manifest('web', { replicas: 2 })));
});

afterAll(async () => {
  try {
    await machines.stop();
  } finally {
    await engine.stop();
  }
});

/** What the engine runs, and what the developer is told of it. */
async function isWell(replicas: number): Promise<void> {
  await eventually(async () => {
    await dev.run('sync');
    expect(await dev.ok('get', 'deployments')).toMatch(new RegExp(`web +${replicas}/${replicas} .*Ready`));
    expect(await alice.containers('status=running')).toHaveLength(replicas);
  }, SLOW);
}

/** Asks the agent all that does not need the engine, again and again until the signal; fails when it does not answer. */
async function keepAsking(signal: AbortSignal): Promise<void> {
  do {
    const health = await fetch(`${alice.healthURL}/healthz`, {
      signal: AbortSignal.timeout(HEALTH_TIMEOUT_MS),
    });
    expect(await health.text()).toBe('ok\n');
    expect(await dev.ok('peers', 'ping', 'alice')).toContain('alice');
    expect(await alice.cli.ok('get', 'deployments', '-A')).toContain('web');
  } while (!signal.aborted);
}

/** Asks all along while `trouble` lasts. */
async function answering(trouble: () => Promise<void>): Promise<void> {
  const over = new AbortController();
  const troubled = trouble().finally(() => over.abort());
  // To the end of the trouble even when no answer came: the next test needs an engine.
  const [asked] = await Promise.allSettled([keepAsking(over.signal), troubled]);
  await troubled;
  expect(asked).toEqual({ status: 'fulfilled', value: undefined });
}

describe('L3 the engine under a running agent', () => {
  it.each(['SIGTERM', 'SIGKILL'] as const)('L3 ends by %s and is started again', async (signal) => {
    await answering(async () => {
      await engine.shutDown(signal);
      await sleep(2_000);
      await engine.startAgain();
    });
    await isWell(2);
  });

  it('L3 hangs and goes on: what was asked of the agent meanwhile is done', async () => {
    await answering(async () => {
      engine.freeze();
      try {
        const frozenLongEnough = sleep(FROZEN_MS);
        await dev.ok('scale', 'web', '--replicas', '3', '--wait=false');
        await eventually(async () => {
          await dev.run('sync');
          expect(await alice.cli.ok('get', 'deployments', '-A')).toMatch(/web +\d\/3/);
        }, SLOW);
        await frozenLongEnough;
      } finally {
        engine.thaw();
      }
    });
    await isWell(3);
  });
});
