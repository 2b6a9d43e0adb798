import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { settledAgent } from './agent.ts';
import { deployments, NOBODY, writeManifests } from './manifests.ts';
import { type Summary, summarize } from './measure.ts';
import { options } from './options.ts';
import { digits, milliseconds, printTable, type Row, ratio, spread } from './table.ts';
import { Developer, inScratch, NOT_DELIVERED } from './world.ts';

/**
 * P6: what commands and reconciles cost for many objects. Commands are whole processes and the peer is one that
 * nobody has written down, so that an apply costs parsing, validating, storing, and saying so in each status. The
 * reconcile is that of the agent's own controllers on its own Store, with every container running already, in a
 * runtime in memory: what Docker would take to list them is not in it.
 */

const SIZES = [1, 100, 1_000];
/** What the others are held against: below it the start of the process is most of the cost. */
const REFERENCE = 100;
const FLAT = 1.5;
const RECONCILE_TARGET = { objects: 1_000, milliseconds: 1_000 };
const RUNS = 3;

const { full, runs } = options();
const sizes = full ? [...SIZES, 10_000] : SIZES;

type Figure =
  | 'apply --dry-run'
  | 'apply, all new'
  | 'apply, all unchanged'
  | 'get deployments'
  | 'no-op reconcile';

const FIGURES: readonly Figure[] = [
  'apply --dry-run',
  'apply, all new',
  'apply, all unchanged',
  'get deployments',
  'no-op reconcile',
];

await inScratch(async (directory) => {
  const results = new Map<number, Record<Figure, Summary>>();
  for (const size of sizes) {
    const commands = await timeCommands(join(directory, `developer-${size}`), size);
    const reconcile = await timeReconcile(join(directory, `agent-${size}`), size);
    results.set(size, { ...commands, 'no-op reconcile': reconcile });
  }
  printTable(
    'P6  cost of many objects; what each object adds, against what it adds at 100',
    FIGURES.flatMap((figure) => sizes.map((size) => rowOf(figure, size, results))),
  );
});

async function timeCommands(
  directory: string,
  size: number,
): Promise<Record<Exclude<Figure, 'no-op reconcile'>, Summary>> {
  await mkdir(directory);
  const developer = new Developer(directory);
  const file = writeManifests(directory, deployments(size, NOBODY));
  const apply = () => developer.time(['apply', '-f', file, '--wait=false'], NOT_DELIVERED);
  const repeat = (sample: () => number) => summarize(Array.from({ length: runs(RUNS) }, sample));
  const created: number[] = [];
  for (let run = 0; run < runs(RUNS); run++) {
    await rm(join(directory, 'developer'), { recursive: true, force: true });
    developer.run('init');
    created.push(apply());
  }
  const figures = {
    'apply, all new': summarize(created),
    'apply, all unchanged': repeat(apply),
    'apply --dry-run': repeat(() => developer.time(['apply', '-f', file, '--dry-run'])),
    'get deployments': repeat(() => developer.time(['get', 'deployments'])),
  };
  await rm(directory, { recursive: true });
  return figures;
}

async function timeReconcile(directory: string, size: number): Promise<Summary> {
  const agent = await settledAgent(directory, size);
  const times: number[] = [];
  for (let run = 0; run <= runs(RUNS); run++) times.push(await agent.reconcileAll());
  await agent.stop();
  await rm(directory, { recursive: true });
  return summarize(times.slice(1));
}

function rowOf(figure: Figure, size: number, results: ReadonlyMap<number, Record<Figure, Summary>>): Row {
  const summary = results.get(size)?.[figure];
  if (!summary) throw new RangeError(`${figure} was not measured for ${size}`);
  const each = eachAdds(figure, size, results);
  const ours = size === 1 ? spread(summary) : `${spread(summary)}, ${milliseconds(each)} each`;
  const row = { figure: `${figure}, ${size.toLocaleString('en')}`, ours };
  if (size <= REFERENCE) return row;
  const reference = eachAdds(figure, REFERENCE, results);
  // A hundred took no longer than one: the noise was louder, and nothing can be held against that.
  if (reference <= 0) return { ...row, compared: 'too noisy to tell' };
  const { objects, milliseconds: limit } = RECONCILE_TARGET;
  const hasLimit = figure === 'no-op reconcile' && size === objects;
  return {
    ...row,
    other: `${milliseconds(reference)} each`,
    compared: ratio(each, reference),
    target: `< ${FLAT}x${hasLimit ? `, < ${digits(limit / 1_000)} s` : ''}`,
    reached: each < FLAT * reference && (!hasLimit || summary.median < limit),
  };
}

/**
 * What one more object costs, in milliseconds: the cost of the first is mostly that of starting. From the quickest
 * runs: a difference between two medians would mostly be that of what else the machine did.
 */
function eachAdds(
  figure: Figure,
  size: number,
  results: ReadonlyMap<number, Record<Figure, Summary>>,
): number {
  const [one, many] = [1, size].map((count) => results.get(count)?.[figure].min ?? Number.NaN);
  return ((many ?? Number.NaN) - (one ?? Number.NaN)) / (size - 1);
}
