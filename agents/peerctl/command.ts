import type { Context } from './context.ts';
import type { Flags, Parsed } from './flags.ts';

/** How many positional arguments a command takes. */
export interface Arity {
  least: number;
  most: number;
}

/** One command, as data and a function: parsing, help and completion are made of the data. */
export interface Command<F extends Flags = Flags> {
  /** What follows the command's name: `KIND [NAME...]`. */
  arguments?: string;
  /** Default: none. */
  arity?: Arity;
  /** What the shell offers as arguments. */
  complete?: 'resource' | 'deployment' | 'peer' | 'kind' | 'shell' | 'command';
  /** A paragraph or two, after the summary. */
  description: string;
  /** Lines to try. */
  examples: readonly string[];
  flags: F;
  /** Answers the exit code where it is not 0. */
  run(context: Context, parsed: Parsed<F>): Promise<number | undefined>;
}

/** Keeps the flags' types for `run`, and forgets them for whoever calls it. */
export function defineCommand<const F extends Flags>(command: Command<F>): Command {
  return command as unknown as Command;
}

/** What can be known of a command without loading it. */
export interface CommandEntry {
  name: string;
  summary: string;
  group: Group;
  load?(): Promise<Command>;
  /** A command of commands: `peers add`. */
  subcommands?: readonly CommandEntry[];
  /** For machines: neither listed nor suggested. */
  hidden?: true;
}

export const GROUPS = ['Start here', 'Deploy', 'Look', 'Change', 'Peers', 'More'] as const;
export type Group = (typeof GROUPS)[number];
