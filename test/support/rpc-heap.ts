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

/** How often a watch looks, and how long it leaves off after it has collected garbage, in milliseconds. */
const LOOK_MS = 5;
const PAUSE_MS = 1_000;

/**
 * Watches how much memory buffers hold, in bytes beyond what they held at first. Beyond `limit` garbage is collected,
 * so that only what is really in use counts there.
 */
export async function watchBuffers(limit: number): Promise<{ most(): number; stop(): void }> {
  await collectGarbage();
  const before = process.memoryUsage().arrayBuffers;
  const held = () => process.memoryUsage().arrayBuffers - before;
  let [most, restsUntil] = [0, 0];
  const look = async () => {
    if (held() > limit && performance.now() < restsUntil) return;
    if (held() > limit) {
      restsUntil = Number.POSITIVE_INFINITY;
      await collectGarbage();
      restsUntil = performance.now() + PAUSE_MS;
    }
    most = Math.max(most, held());
  };
  const looking = setInterval(look, LOOK_MS);
  return { most: () => most, stop: () => clearInterval(looking) };
}
