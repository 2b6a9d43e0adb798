import { deployments, NOBODY, writeManifests } from './manifests.ts';
import { alternate, type Sample } from './measure.ts';
import { options } from './options.ts';
import { isThere, NODE, timeCommand } from './processes.ts';
import { printTable, type Row, ratio, spread } from './table.ts';
import { Developer, inScratch, NOT_DELIVERED } from './world.ts';

/** P5: `peerctl get` as a whole process against the least that node can take, and against its like. */

const RUNS = 20;
const DEPLOYMENTS = 10;
const TARGET = 2;

/** Commands that do as little as they can: kubectl without a cluster could not even print a list. */
const LIKES: readonly (readonly [command: string, ...args: string[]])[] = [
  ['kubectl', 'version', '--client'],
  ['docker', 'ps'],
];

const { runs } = options();

await inScratch(async (directory) => {
  const developer = new Developer(directory);
  developer.run('init');
  const file = writeManifests(directory, deployments(DEPLOYMENTS, NOBODY));
  developer.time(['apply', '-f', file, '--wait=false'], NOT_DELIVERED);
  const likes = LIKES.filter(([command, ...args]) => isThere(command, args));
  const samples: Record<string, Sample> = {
    get: () => developer.time(['get', 'deployments']),
    'node -e 0': () => timeCommand(NODE, ['-e', '0']),
    ...Object.fromEntries(
      likes.map(([command, ...args]) => [[command, ...args].join(' '), () => timeCommand(command, args)]),
    ),
  };
  const { get, ...others } = await alternate(samples, runs(RUNS));
  if (!get) return;
  const rows = Object.entries(others).map(([name, other]): Row => {
    const isBar = name === 'node -e 0';
    const verdict = { target: `< ${TARGET}x`, reached: get.median < TARGET * other.median };
    return {
      figure: `get deployments, against ${name}`,
      ours: spread(get),
      other: spread(other),
      compared: ratio(get.median, other.median),
      ...(isBar && verdict),
    };
  });
  printTable(`P5  the whole process of peerctl get with ${DEPLOYMENTS} Deployments`, rows);
});
