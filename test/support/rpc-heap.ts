import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Collects garbage and answers what is left on the heap, in bytes. */
export async function collectGarbage(): Promise<number> {
  // Twice, with a turn of the loop between: finalizers of the first round free more.
  collect();
  await new Promise((resolve) => setImmediate(resolve));
  collect();
  return process.memoryUsage().heapUsed;
}

/** How often a watch looks: each look stops everything for some milliseconds. */
const LOOK_MS = 100;

/** Watches how much memory buffers really hold, in bytes beyond what they held at first; garbage does not count. */
export async function watchBuffers(): Promise<{ most(): number; stop(): void }> {
  await collectGarbage();
  const before = process.memoryUsage().arrayBuffers;
  let most = 0;
  const look = () => {
    collect();
    most = Math.max(most, process.memoryUsage().arrayBuffers - before);
  };
  const looking = setInterval(look, LOOK_MS);
  return { most: () => most, stop: () => clearInterval(looking) };
}
