import { parseArgs } from 'node:util';
import { nearest } from '../../api/meta/names.ts';
import { UsageError } from './errors.ts';

/** What a flag's text becomes; a duration is in milliseconds. */
interface Types {
  boolean: boolean;
  string: string;
  integer: number;
  duration: number;
}

/** One flag, as data: parsing, help and completion are made of it. */
export interface Flag {
  type: keyof Types;
  short?: string;
  /** Stands for the value in help texts. */
  value?: string;
  help: string;
  default?: Types[keyof Types];
  /** May be given several times. */
  multiple?: true;
  /** What the flag means without a value; a value then needs `=`, as in `--dry-run=server`. */
  implied?: string;
  choices?: readonly string[];
  /** What the shell offers as values. */
  complete?: 'file' | 'peer' | 'namespace' | 'output';
}

export type Flags = Readonly<Record<string, Flag>>;

type Value<F extends Flag> = F['multiple'] extends true
  ? Types[F['type']][]
  : F['type'] extends 'boolean'
    ? boolean
    : F extends { default: Types[keyof Types] }
      ? Types[F['type']]
      : Types[F['type']] | undefined;

/** The parsed values of a set of flags, by name. */
export type Values<F extends Flags> = { [Name in keyof F]: Value<F[Name]> };

export interface Parsed<F extends Flags> {
  flags: Values<F>;
  /** Positional arguments before `--`. */
  words: string[];
  /** What follows `--`. */
  rest: string[];
}

/** Flags that every command has. */
export const GLOBAL_FLAGS = {
  'state-dir': {
    type: 'string',
    value: 'DIR',
    help: 'state directory (default: $PEERCOMPUTE_HOME or ~/.peercompute)',
    complete: 'file',
  },
  help: { type: 'boolean', short: 'h', help: 'show help' },
} as const satisfies Flags;

type Token = ReturnType<typeof tokenize>[number];

/**
 * Parses arguments the way kubectl does: `-o wide`, `-o=wide`, `-owide`, `--wait=false`, flags anywhere.
 * @throws UsageError naming the flag, with the nearest one that exists.
 */
export function parseFlags<F extends Flags>(args: readonly string[], flags: F): Parsed<F> {
  const values = new Map<string, Types[keyof Types] | string[]>();
  const parsed: Parsed<F> = { flags: {} as Values<F>, words: [], rest: [] };
  let ended = false;
  for (const token of tokenize(args, flags)) {
    if (token.kind === 'option-terminator') ended = true;
    else if (token.kind === 'positional') (ended ? parsed.rest : parsed.words).push(token.value);
    else setValue(values, flags, token);
  }
  for (const [name, flag] of Object.entries(flags))
    Object.assign(parsed.flags, { [name]: values.get(name) ?? absent(flag) });
  return parsed;
}

/** Indexes of the first `count` positional arguments: the command's own name may stand after flags. */
export function positionals(args: readonly string[], flags: Flags, count: number): number[] {
  const tokens = tokenize(args, flags);
  const end = tokens.find(({ kind }) => kind === 'option-terminator')?.index ?? args.length;
  return tokens
    .filter(({ kind, index }) => kind === 'positional' && index < end)
    .slice(0, count)
    .map(({ index }) => index);
}

function tokenize(args: readonly string[], flags: Flags) {
  const options = Object.fromEntries(
    Object.entries(flags).map(([name, { type, short, implied }]) => [
      name,
      { type: optionType(type, implied), ...(short ? { short } : {}) },
    ]),
  );
  return parseArgs({ args: [...args], options, strict: false, allowPositionals: true, tokens: true }).tokens;
}

function optionType(type: keyof Types, implied: string | undefined): 'boolean' | 'string' {
  return type === 'boolean' || implied !== undefined ? 'boolean' : 'string';
}

function absent(flag: Flag): Types[keyof Types] | string[] | undefined {
  if (flag.multiple) return [];
  return flag.default ?? (flag.type === 'boolean' ? false : undefined);
}

function setValue(
  values: Map<string, Types[keyof Types] | string[]>,
  flags: Flags,
  token: Extract<Token, { kind: 'option' }>,
): void {
  const flag = Object.hasOwn(flags, token.name) ? flags[token.name] : undefined;
  if (!flag) throw unknownFlag(token.rawName, flags);
  const value = convert(token.rawName, flag, textOf(token, flag));
  const before = values.get(token.name);
  if (flag.multiple) values.set(token.name, [...(Array.isArray(before) ? before : []), String(value)]);
  else values.set(token.name, value);
}

function textOf(token: Extract<Token, { kind: 'option' }>, flag: Flag): string {
  const { rawName, value, inlineValue } = token;
  if (value === undefined) {
    if (flag.type === 'boolean') return 'true';
    if (flag.implied !== undefined) return flag.implied;
    throw new UsageError(`flag ${rawName} needs a value: ${rawName} ${flag.value ?? 'VALUE'}`);
  }
  // `--name --peer x` forgot the name; `-f -` and `--replicas -1` say what they mean.
  if (!inlineValue && /^-[^\d]/.test(value))
    throw new UsageError(
      `flag ${rawName} needs a value, but "${value}" follows; write ${rawName}=${value} if that is the value`,
    );
  return inlineValue && !rawName.startsWith('--') && value.startsWith('=') ? value.slice(1) : value;
}

function convert(name: string, flag: Flag, text: string): Types[keyof Types] {
  if (flag.choices && !flag.choices.includes(text))
    throw new UsageError(`flag ${name} must be ${flag.choices.join(' or ')}, not "${text}"`);
  if (flag.type === 'boolean') return parseBoolean(name, text);
  if (flag.type === 'integer') return parseInteger(name, text);
  return flag.type === 'duration' ? parseDuration(name, text) : text;
}

function parseBoolean(name: string, text: string): boolean {
  if (text === 'true' || text === 'false') return text === 'true';
  throw new UsageError(`flag ${name} must be true or false, not "${text}"`);
}

function parseInteger(name: string, text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new UsageError(`flag ${name} must be a whole number that is zero or more, not "${text}"`);
}

const UNITS: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, '': 1000 };

/** `30s`, `1h30m`, `2d`, or a bare number of seconds. */
function parseDuration(name: string, text: string): number {
  const parts = [...text.matchAll(/(\d{1,9}(?:\.\d{1,3})?)(ms|[smhd]|$)/g)];
  const total = parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * (UNITS[unit ?? ''] ?? 0), 0);
  if (text !== '' && parts.map(([part]) => part).join('') === text) return total;
  throw new UsageError(`flag ${name} must be a duration such as 30s, 5m or 1h30m, not "${text}"`);
}

function unknownFlag(rawName: string, flags: Flags): UsageError {
  const near = rawName.startsWith('--') ? nearest(rawName.slice(2), Object.keys(flags)) : undefined;
  return new UsageError(`unknown flag ${rawName}${near ? `; did you mean --${near}?` : ''}`);
}
