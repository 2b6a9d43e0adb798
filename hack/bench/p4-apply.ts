import { until } from '../../test/support/eventually.ts';
import { BareEngine } from './engine.ts';
import { alternate, type Summary, timed } from './measure.ts';
import { options } from './options.ts';
import { milliseconds, printTable, type Row, spread } from './table.ts';
import { type Developer, inWorld, PROVIDER, timeApply, type World } from './world.ts';

/**
 * P4: `apply` until it is ready, over what Docker itself needs to create and start the same container. The first
 * Deployment stays, so that neither side makes the network.
 */

/** Docker takes between 250 and 450 ms for the same thing: medians of fewer scatter by 30 ms. */
const RUNS = 30;
const TARGETS = { cold: 400, syncing: 150 };

const { runs } = options();

await inWorld(async ({ developer }: World) => {
  const engine = new BareEngine(process.env.DOCKER_HOST ?? 'unix:///var/run/docker.sock');
  timeApply(developer, 'first');
  const like = await engine.findByLabel('peercompute.dev/deployment=first');
  const samples = {
    apply: () => timeNewDeployment(developer),
    docker: async () => {
      const took = await timed(() => engine.createAndStart(like, 'bench'));
      await engine.remove('bench');
      return took;
    },
  };
  const cold = await alternate(samples, runs(RUNS));
  const sync = developer.start('sync', '--watch');
  try {
    await until(() => isConnected(developer) || undefined, { timeoutMs: 10_000 });
    const syncing = await alternate(samples, runs(RUNS));
    printTable('P4  apply until Ready, over Docker create + start of the same container', [
      row('a cold peerctl apply', cold, TARGETS.cold),
      row('the same while peerctl sync --watch runs', syncing, TARGETS.syncing),
    ]);
  } finally {
    await sync.stop();
  }
});

function timeNewDeployment(developer: Developer): number {
  const took = timeApply(developer, 'next');
  developer.run('delete', 'deployment', 'next');
  return took;
}

function isConnected(developer: Developer): boolean {
  const path = '.status.conditions[?(@.type=="Connected")].status';
  return developer.run('get', 'trustedpeer', PROVIDER, '-o', `jsonpath={${path}}`) === 'True';
}

function row(figure: string, { apply, docker }: Record<'apply' | 'docker', Summary>, target: number): Row {
  const over = apply.median - docker.median;
  return {
    figure,
    ours: spread(apply),
    other: spread(docker),
    compared: `+${milliseconds(over)}`,
    target: `< +${target} ms`,
    reached: over < target,
  };
}
