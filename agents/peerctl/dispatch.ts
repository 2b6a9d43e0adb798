import { nearest } from '../../api/meta/names.ts';
import type { CommandEntry } from './command.ts';
import { COMMANDS } from './commands/index.ts';
import { NAMESPACE } from './common-flags.ts';
import { UsageError } from './errors.ts';
import { GLOBAL_FLAGS, positionals } from './flags.ts';
import { commandHelp, groupHelp, overview } from './usage.ts';

/** A command line, taken apart as far as the name of its command. */
export interface Call {
  /** Words that name the command: `peers add`. */
  path: string[];
  /** Absent where no word names one. */
  entry?: CommandEntry;
  /** The arguments without those words. */
  args: string[];
}

/** Flags with a value that people write before the command: what follows one of them is not the command. */
const LEADING = { ...GLOBAL_FLAGS, ...NAMESPACE };

/**
 * Takes the words that name a command out of the arguments; flags may stand before them.
 * @throws UsageError for a word that names none.
 */
export function findCommand(args: readonly string[]): Call {
  const call: Call = { path: [], args: [...args] };
  let entries: readonly CommandEntry[] | undefined = COMMANDS;
  while (entries) {
    const [index] = positionals(call.args, LEADING, 1);
    if (index === undefined) return call;
    const [word = ''] = call.args.splice(index, 1);
    call.entry = lookUp(word, entries, call.path);
    call.path.push(call.entry.name);
    entries = call.entry.subcommands;
  }
  return call;
}

/** Help on what a command line names. */
export async function helpOn({ path, entry }: Call): Promise<string> {
  if (!entry) return overview(COMMANDS);
  return entry.load ? commandHelp(path, entry, await entry.load()) : groupHelp(path, entry);
}

function lookUp(word: string, entries: readonly CommandEntry[], path: readonly string[]): CommandEntry {
  const found = entries.find(({ name }) => name === word);
  if (found) return found;
  const known = entries.filter(({ hidden }) => !hidden).map(({ name }) => name);
  const near = nearest(word, known);
  const hint = near ? `; did you mean ${[...path, near].join(' ')}?` : '';
  throw new UsageError(`unknown command "${[...path, word].join(' ')}"${hint}`);
}
