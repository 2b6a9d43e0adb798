import { type Command, type CommandEntry, GROUPS } from './command.ts';
import { type Flag, type Flags, GLOBAL_FLAGS } from './flags.ts';

/** Help on one command. */
export function commandHelp(path: readonly string[], entry: CommandEntry, command: Command): string {
  const call = ['peerctl', ...path, command.arguments, '[flags]'].filter(Boolean).join(' ');
  return sections([
    `${sentence(entry.summary)}\n\n${command.description}`.trim(),
    `Usage:\n  ${call}`,
    `Examples:\n${command.examples.map((line) => `  ${line}`).join('\n')}`,
    Object.keys(command.flags).length > 0 ? `Flags:\n${flagRows(command.flags)}` : '',
    `Global flags:\n${flagRows(GLOBAL_FLAGS)}`,
  ]);
}

/** Help on a command of commands. */
export function groupHelp(path: readonly string[], entry: CommandEntry): string {
  const call = ['peerctl', ...path].join(' ');
  return sections([
    sentence(entry.summary),
    `Usage:\n  ${call} COMMAND [flags]`,
    `Commands:\n${entryRows(entry.subcommands ?? [])}`,
    `"${call} COMMAND --help" shows more.`,
  ]);
}

/** Help on everything. */
export function overview(commands: readonly CommandEntry[]): string {
  return sections([
    'peerctl runs containers on machines that people you trust lend you.',
    ...GROUPS.map((group) => `${group}:\n${entryRows(commands.filter((entry) => entry.group === group))}`),
    `Global flags:\n${flagRows(GLOBAL_FLAGS)}`,
    '"peerctl COMMAND --help" shows the flags of a command, with examples.',
  ]);
}

function sections(parts: readonly string[]): string {
  return `${parts.filter(Boolean).join('\n\n')}\n`;
}

function sentence(summary: string): string {
  return `${summary.charAt(0).toUpperCase()}${summary.slice(1)}.`;
}

function entryRows(entries: readonly CommandEntry[]): string {
  return rows(entries.filter(({ hidden }) => !hidden).map(({ name, summary }) => [name, summary]));
}

function flagRows(flags: Flags): string {
  return rows(Object.entries(flags).map(([name, flag]) => [flagSyntax(name, flag), flagMeaning(flag)]));
}

function flagSyntax(name: string, flag: Flag): string {
  const short = flag.short ? `-${flag.short}, ` : '    ';
  if (flag.implied !== undefined) return `${short}--${name}[=${flag.value ?? 'VALUE'}]`;
  if (flag.type === 'boolean') return `${short}--${name}${flag.default === true ? '=false' : ''}`;
  return `${short}--${name} ${flag.value ?? flag.type.toUpperCase()}`;
}

function flagMeaning(flag: Flag): string {
  const fallback = flag.default ?? false;
  const shown = flag.type === 'duration' ? `${Number(fallback) / 1000}s` : String(fallback);
  return `${flag.help}${flag.multiple ? '; repeatable' : ''}${fallback === false ? '' : ` (default: ${shown})`}`;
}

function rows(pairs: readonly (readonly [string, string])[]): string {
  const width = Math.max(...pairs.map(([left]) => left.length));
  return pairs.map(([left, right]) => `  ${left.padEnd(width)}   ${right}`).join('\n');
}
