/** What many measurements of one thing come to, in milliseconds. */
export interface Summary {
  median: number;
  min: number;
  max: number;
}

/** Does it once and answers how long that took, in milliseconds; what it does besides is not counted. */
export type Sample = () => number | Promise<number>;

/**
 * Measures things side by side: A B C A B C, so that whatever else the machine does meets all of them. The
 * first round warms caches up and is not counted.
 */
export async function alternate<Name extends string>(
  samples: Record<Name, Sample>,
  runs: number,
): Promise<Record<Name, Summary>> {
  const taken = (Object.entries(samples) as [Name, Sample][]).map(([name, sample]) => {
    return { name, sample, milliseconds: [] as number[] };
  });
  for (let round = 0; round <= runs; round++)
    for (const { sample, milliseconds } of taken) {
      const took = await sample();
      if (round > 0) milliseconds.push(took);
    }
  const summaries = taken.map(({ name, milliseconds }) => [name, summarize(milliseconds)]);
  return Object.fromEntries(summaries) as Record<Name, Summary>;
}

/** How long `work` takes, in milliseconds. */
export async function timed(work: () => unknown): Promise<number> {
  const begun = performance.now();
  await work();
  return performance.now() - begun;
}

export function summarize(values: readonly number[]): Summary {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (index: number) => sorted[index] ?? Number.NaN;
  const half = (sorted.length - 1) / 2;
  return {
    median: (at(Math.floor(half)) + at(Math.ceil(half))) / 2,
    min: at(0),
    max: at(sorted.length - 1),
  };
}
