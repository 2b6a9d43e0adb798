import { findKind, KINDS, type Kind } from '../../../api/kinds.ts';
import type { Command, CommandEntry } from '../command.ts';
import { COMMANDS } from '../commands/index.ts';
import type { Context } from '../context.ts';
import { findCommand } from '../dispatch.ts';
import { type Flag, type Flags, GLOBAL_FLAGS, parseFlags } from '../flags.ts';
import { FORMATS } from '../printers/printer.ts';
import { DEFAULT_NAMESPACE } from '../resources.ts';

/** What the last of these words can become. Nothing where a file is meant, or where the line makes no sense. */
export async function candidates(context: Context, words: readonly string[]): Promise<string[]> {
  const before = words.slice(0, -1);
  const current = words.at(-1) ?? '';
  try {
    const all = await complete(context, before, current);
    return [...new Set(all)].filter((word) => word.startsWith(current)).sort();
  } catch {
    // A shell that asks in the middle of a line wants no error message in it.
    return [];
  }
}

async function complete(context: Context, before: readonly string[], current: string): Promise<string[]> {
  const { entry, args } = findCommand(before);
  if (!entry?.load)
    return current.startsWith('-') ? flagNames(GLOBAL_FLAGS) : names(entry?.subcommands ?? COMMANDS);
  const command = await entry.load();
  const flags: Flags = { ...GLOBAL_FLAGS, ...command.flags };
  const awaited = awaitingFlag(flags, args.at(-1));
  const given = parseFlags(awaited ? args.slice(0, -1) : args, flags);
  const there = context.at(given.flags['state-dir'] as string | undefined);
  const namespace = (given.flags.namespace as string | undefined) ?? DEFAULT_NAMESPACE;
  if (awaited) return flagValues(there, awaited);
  if (current.startsWith('-')) return flagNames(flags);
  return argumentWords(there, command, given.words, current, namespace);
}

function names(entries: readonly CommandEntry[]): string[] {
  return entries.filter(({ hidden }) => !hidden).map(({ name }) => name);
}

function flagNames(flags: Flags): string[] {
  return Object.keys(flags).map((name) => `--${name}`);
}

/** The flag that `last` is, when its value comes next. */
function awaitingFlag(flags: Flags, last: string | undefined): Flag | undefined {
  const entry = Object.entries(flags).find(
    ([name, { short }]) => last === `--${name}` || (short && last === `-${short}`),
  );
  return entry && entry[1].type !== 'boolean' && entry[1].implied === undefined ? entry[1] : undefined;
}

async function flagValues(context: Context, { choices, complete }: Flag): Promise<string[]> {
  if (choices) return [...choices];
  if (complete === 'output')
    return FORMATS.map((format) => (format.includes('-') || format === 'jsonpath' ? `${format}=` : format));
  if (complete === 'peer') return objectNames(context, 'TrustedPeer', undefined);
  return complete === 'namespace' ? namespaces(context) : [];
}

async function argumentWords(
  context: Context,
  { complete }: Command,
  given: readonly string[],
  current: string,
  namespace: string,
): Promise<string[]> {
  if (complete === 'deployment') return objectNames(context, 'Deployment', namespace);
  if (complete === 'peer') return objectNames(context, 'TrustedPeer', undefined);
  if (complete === 'kind') return KINDS.map(({ singular }) => singular);
  if (complete === 'shell') return ['bash', 'zsh', 'fish'];
  if (complete === 'command') return names(COMMANDS);
  return complete === 'resource' ? resources(context, given, current, namespace) : [];
}

/** `deployments`, then names; or `deployment/` and what follows it; or a bare name. */
async function resources(
  context: Context,
  [first]: readonly string[],
  current: string,
  namespace: string,
): Promise<string[]> {
  const [prefix = ''] = current.split('/');
  const written = current.includes('/') ? findKind(prefix) : undefined;
  if (written)
    return (await objectNames(context, written.kind, namespace)).map((name) => `${prefix}/${name}`);
  const kind = first === undefined ? undefined : findKind(first);
  if (kind) return objectNames(context, kind.kind, namespace);
  const bare = await objectNames(context, 'Deployment', namespace);
  return first === undefined ? ['all', ...KINDS.map(({ plural }) => plural), ...bare] : bare;
}

async function objectNames(context: Context, kind: Kind, namespace: string | undefined): Promise<string[]> {
  const store = await context.storeIfAny();
  const isClusterWide = kind === 'TrustedPeer' || namespace === undefined;
  const { items } = store ? await store.list(kind, isClusterWide ? {} : { namespace }) : { items: [] };
  return items.map(({ metadata }) => metadata.name);
}

async function namespaces(context: Context): Promise<string[]> {
  const store = await context.storeIfAny();
  const { items } = store ? await store.list('Deployment') : { items: [] };
  return [DEFAULT_NAMESPACE, ...items.flatMap(({ metadata }) => metadata.namespace ?? [])];
}
