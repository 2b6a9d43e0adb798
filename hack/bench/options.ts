import { parseArgs } from 'node:util';

/** What `run` was asked for, as each bar sees it. */
export interface Options {
  /** Also what takes minutes: 10,000 objects. */
  full: boolean;
  /** Answers how often something is measured: `usual` times unless `--runs` says otherwise. */
  runs(usual: number): number;
}

export function options(): Options {
  const { values } = parseArgs({ options: { full: { type: 'boolean' }, runs: { type: 'string' } } });
  const asked = values.runs === undefined ? undefined : Number(values.runs);
  if (asked !== undefined && !(Number.isInteger(asked) && asked > 0))
    throw new RangeError(`--runs: must be a whole number above 0, not "${values.runs}"`);
  return { full: values.full ?? false, runs: (usual) => asked ?? usual };
}
