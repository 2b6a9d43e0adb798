import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { until } from '../../test/support/eventually.ts';
import { deployment, writeManifests } from './manifests.ts';
import { type Background, environment, NODE, outputOf, startInBackground, timeCommand } from './processes.ts';

/** The programs that are measured. */
const DIST = process.env.PEERCOMPUTE_DIST ?? resolve(import.meta.dirname, '../../dist');

/** On a busy machine a start takes a while. */
const PATIENCE = { timeoutMs: 30_000, intervalMs: 20 };

/** What the developer calls the provider. */
export const PROVIDER = 'alice';

/** What apply ends with when it has stored Deployments whose peer nobody has written down. */
export const NOT_DELIVERED = 1;

/** Gives `work` a directory, and removes it afterwards. */
export async function inScratch(work: (directory: string) => Promise<void>): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'peercompute-bench-'));
  try {
    await work(directory);
  } finally {
    await rm(directory, { recursive: true });
  }
}

/** A developer's command line with a state directory of its own. */
export class Developer {
  readonly directory: string;
  readonly #env: NodeJS.ProcessEnv;

  constructor(directory: string) {
    this.directory = directory;
    this.#env = environment({ PEERCOMPUTE_HOME: join(directory, 'developer'), XDG_CACHE_HOME: directory });
  }

  /** What the command prints. */
  run(...args: string[]): string {
    return outputOf(NODE, [join(DIST, 'peerctl.js'), ...args], { env: this.#env });
  }

  /** How long the whole command takes, in milliseconds. */
  time(args: readonly string[], exitCode = 0): number {
    return timeCommand(NODE, [join(DIST, 'peerctl.js'), ...args], { env: this.#env, exitCode });
  }

  start(...args: string[]): Background {
    const logFile = join(this.directory, 'developer.log');
    return startInBackground([join(DIST, 'peerctl.js'), ...args], { env: this.#env, logFile });
  }
}

/** A provider and a developer on loopback who have written each other down. */
export interface World {
  developer: Developer;
  agent: Background;
}

/** Gives `work` a world, and takes down afterwards what runs there. */
export function inWorld(work: (world: World) => Promise<void>): Promise<void> {
  return inScratch(async (directory) => {
    const developer = new Developer(directory);
    const agent = startAgent(directory);
    try {
      await introduce(developer, agent);
      await work({ developer, agent });
      developer.run('delete', 'deployment', '--all');
    } finally {
      await agent.stop();
    }
  });
}

function startAgent(directory: string): Background {
  const flags = ['--listen', '127.0.0.1', '--port', '0', '--health-port', 'off'];
  return startInBackground(
    [join(DIST, 'peercomputed.js'), '--state-dir', join(directory, 'provider'), ...flags],
    { env: environment({ XDG_CACHE_HOME: directory }), logFile: join(directory, 'agent.log') },
  );
}

async function introduce(developer: Developer, agent: Background): Promise<void> {
  const provider = ['--state-dir', join(developer.directory, 'provider')];
  const address = await until(() => /\/ip4\/127\.0\.0\.1\/tcp\/\d+/.exec(agent.log())?.[0], PATIENCE);
  developer.run('init');
  const limits = ['--cpu', '100', '--memory', '100Gi', '--max-deployments', '1000', '--max-replicas', '1000'];
  const me = developer.run('identity').trim();
  developer.run('peers', 'add', me, '--name', 'dev', '--allow', 'deploy', ...limits, ...provider);
  const peer = developer.run('identity', ...provider).trim();
  developer.run('peers', 'add', peer, '--name', PROVIDER, '--addr', address);
  developer.run('peers', 'ping', PROVIDER);
}

/** Applies one Deployment and answers how long the whole command takes until it is ready, in milliseconds. */
export function timeApply(developer: Developer, name: string): number {
  const file = writeManifests(developer.directory, [deployment(name, PROVIDER)]);
  return developer.time(['apply', '-f', file]);
}
