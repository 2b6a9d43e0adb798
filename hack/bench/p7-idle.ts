import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { deployments, writeManifests } from './manifests.ts';
import { environment, startInBackground, usageOf } from './processes.ts';
import { megabytes, printTable, type Row, ratio } from './table.ts';
import { inWorld, PROVIDER } from './world.ts';

/** P7: what the programs use while nothing happens, against a node that does nothing at all. */

const CONTAINERS = 20;
/** What a start and an apply leave behind has settled by then. */
const REST_MS = 5_000;
const WINDOW_MS = 10_000;
const TARGETS = { rssBytes: 120e6, cpuPercent: 1 };

interface Idle {
  rssBytes: number;
  /** Of one core. */
  cpuPercent: number;
}

await inWorld(async ({ developer, agent }) => {
  const bare = startInBackground(['-e', 'setInterval(() => {}, 1e9)'], {
    env: environment(),
    logFile: join(developer.directory, 'bare.log'),
  });
  const sync = developer.start('sync', '--watch');
  const background = [bare, sync];
  try {
    const [none, node] = await watchIdle([agent.pid, bare.pid]);
    const file = writeManifests(developer.directory, deployments(CONTAINERS, PROVIDER));
    developer.run('apply', '-f', file);
    const [many, syncing] = await watchIdle([agent.pid, sync.pid]);
    printTable(`P7  idle for ${WINDOW_MS / 1_000} s, against a node that does nothing`, [
      ...rows('peercomputed, no containers', none, node),
      ...rows(`peercomputed, ${CONTAINERS} containers`, many, node),
      ...rows(`peerctl sync --watch, ${CONTAINERS} Deployments`, syncing, node),
    ]);
  } finally {
    await Promise.all(background.map((process) => process.stop()));
  }
});

/** What each of these processes uses in the same window. */
async function watchIdle<const Pids extends readonly number[]>(
  pids: Pids,
): Promise<{ [Index in keyof Pids]: Idle }> {
  await sleep(REST_MS);
  const begun = performance.now();
  const before = pids.map(usageOf);
  await sleep(WINDOW_MS);
  const elapsed = performance.now() - begun;
  const idle = pids.map((pid, index): Idle => {
    const { cpuMs, rssBytes } = usageOf(pid);
    return { rssBytes, cpuPercent: (100 * (cpuMs - (before[index]?.cpuMs ?? 0))) / elapsed };
  });
  return idle as { [Index in keyof Pids]: Idle };
}

function rows(figure: string, ours: Idle, node: Idle): Row[] {
  const percent = (value: number) => `${value.toFixed(1)} %`;
  return [
    {
      figure: `${figure}: memory`,
      ours: megabytes(ours.rssBytes),
      other: megabytes(node.rssBytes),
      compared: ratio(ours.rssBytes, node.rssBytes),
      target: `< ${megabytes(TARGETS.rssBytes)}`,
      reached: ours.rssBytes < TARGETS.rssBytes,
    },
    {
      figure: `${figure}: CPU`,
      ours: percent(ours.cpuPercent),
      other: percent(node.cpuPercent),
      target: `< ${TARGETS.cpuPercent} %`,
      reached: ours.cpuPercent < TARGETS.cpuPercent,
    },
  ];
}
