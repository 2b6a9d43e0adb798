import { type ParseArgsOptionDescriptor, parseArgs } from 'node:util';

/** A mistake on the command line. */
export class UsageError extends Error {}

/** One flag, as `--help` shows it. */
export interface Flag extends ParseArgsOptionDescriptor {
  /** What its value is, such as PORT. */
  value?: string;
  help: string;
}

export type Flags = Readonly<Record<string, Flag>>;

/** Flags that every program has. */
export const COMMON_FLAGS = {
  'health-port': {
    type: 'string',
    default: '9001',
    value: 'PORT',
    help: 'port for /healthz and /metrics on 127.0.0.1; "off" for none',
  },
  'log-level': { type: 'string', default: 'info', value: 'LEVEL', help: 'debug, info, warn or error' },
  version: { type: 'boolean', help: 'print the version' },
  help: { type: 'boolean', short: 'h', help: 'print this help' },
} as const satisfies Flags;

/** What {@link COMMON_FLAGS} come to. */
export interface CommonOptions {
  stateDirectory: string;
  /** On 127.0.0.1; 0 lets the kernel choose, undefined turns it off. */
  healthPort: number | undefined;
  logLevel: (typeof LEVELS)[number];
}

const LEVELS = ['debug', 'info', 'warn', 'error'] as const;

/** The text of `--help`. */
export function usage(program: string, purpose: string, flags: Flags): string {
  const rows = Object.entries(flags).map(([name, { value, default: fallback, help }]) => {
    const shown = `--${name}${value === undefined ? '' : ` ${value}`}`;
    return `  ${shown.padEnd(26)} ${help}${fallback === undefined ? '' : ` (default: ${String(fallback)})`}`;
  });
  return `${purpose}\n\nUsage: ${program} [flags]\n\n${rows.join('\n')}\n`;
}

/** @throws UsageError naming the flag. */
export function parseFlags<const F extends Flags>(args: string[], options: F) {
  try {
    return parseArgs({ args, options, strict: true, allowPositionals: false }).values;
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

/** @throws UsageError naming the flag. */
export function commonOptions(values: {
  'health-port': string;
  'log-level': string;
}): Omit<CommonOptions, 'stateDirectory'> {
  const health = values['health-port'];
  return {
    healthPort: health === 'off' ? undefined : port('health-port', health),
    logLevel: choice('log-level', values['log-level'], LEVELS),
  };
}

/** 0 lets the kernel choose. @throws UsageError naming the flag. */
export function port(flag: string, text: string): number {
  return integer(flag, text, 0, 65_535);
}

/** @throws UsageError naming the flag. */
export function integer(flag: string, text: string, least: number, most: number): number {
  const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  throw new UsageError(`--${flag}: must be a whole number from ${least} to ${most}, not "${text}"`);
}

/** A whole number that can be turned off. @throws UsageError naming the flag. */
export function atMost(flag: string, text: string): number | undefined {
  return text === 'off' ? undefined : integer(flag, text, 1, 1_000_000_000);
}

/** @throws UsageError naming the flag. */
export function choice<const T extends string>(flag: string, text: string, choices: readonly T[]): T {
  const found = choices.find((known) => known === text);
  if (found !== undefined) return found;
  throw new UsageError(`--${flag}: must be one of ${choices.join(', ')}`);
}

/** @throws UsageError naming the flag. */
export function parsed<T>(flag: string, text: string | undefined, parse: (text: string) => T): T | undefined {
  if (text === undefined) return undefined;
  try {
    return parse(text);
  } catch (error) {
    throw error instanceof UsageError ? error : new UsageError(`--${flag}: ${(error as Error).message}`);
  }
}
