import { join, resolve } from 'node:path';

/** Where the built programs are. */
export const DIST = process.env.PEERCOMPUTE_DIST ?? resolve(import.meta.dirname, '../../dist');

/** Prefix of a command, such as `ip netns exec alice`: where it runs. */
export type Where = readonly string[];

export const HERE: Where = [];

export type ProgramName = 'peerctl' | 'peercomputed' | 'gateway';

export interface Ended {
  code: number;
  stdout: string;
  stderr: string;
}

/** How a test starts the programs. */
export interface Place {
  where: Where;
  /** The directory of the built programs. Default: this project's. */
  dist?: string | undefined;
}

/** The command that runs a program as users do: its file and its arguments. */
export function commandOf(
  program: ProgramName,
  { where, dist = DIST }: Place,
  args: readonly string[],
): [file: string, args: string[]] {
  const [file = '', ...rest] = [...where, process.execPath, join(dist, `${program}.js`), ...args];
  return [file, rest];
}

/** An extra certificate file would be read at every start; nothing here needs one. */
export function environment(): NodeJS.ProcessEnv {
  const { NODE_EXTRA_CA_CERTS: _, NODE_OPTIONS: __, ...env } = process.env;
  return env;
}
