import { type ChildProcess, type SpawnSyncReturns, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';

/** The node that runs this runs everything that is measured. */
export const NODE = process.execPath;

/** What is said of 10,000 objects; the default is a MiB. */
const MAX_OUTPUT_BYTES = 64 * 1024 * 1024;

/** Processes at the kernel's clock, which ticks a hundred times a second for every program. */
const MILLISECONDS_PER_TICK = 10;

/** An environment without what would make every node slower, ours and theirs. */
export function environment(more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  const { NODE_EXTRA_CA_CERTS: _, NODE_OPTIONS: __, ...env } = process.env;
  return { ...env, ...more };
}

export interface CommandOptions {
  env?: NodeJS.ProcessEnv;
  /** What it must end with. Default: 0. */
  exitCode?: number;
}

/**
 * The wall clock of one whole process, from before it is made until it is gone, in milliseconds.
 * @throws Error with what it wrote to stderr when it did not end as expected.
 */
export function timeCommand(command: string, args: readonly string[], options: CommandOptions = {}): number {
  const begun = performance.now();
  const ended = runCommand(command, args, options, 'ignore');
  const took = performance.now() - begun;
  check(ended, command, args, options);
  return took;
}

/** What a command writes to stdout. @throws as {@link timeCommand} */
export function outputOf(command: string, args: readonly string[], options: CommandOptions = {}): string {
  return check(runCommand(command, args, options, 'pipe'), command, args, options).stdout;
}

type Ended = SpawnSyncReturns<string>;

function runCommand(
  command: string,
  args: readonly string[],
  { env = environment() }: CommandOptions,
  stdout: 'ignore' | 'pipe',
): Ended {
  const stdio = ['ignore', stdout, 'pipe'] as const;
  return spawnSync(command, args, { env, encoding: 'utf8', stdio: [...stdio], maxBuffer: MAX_OUTPUT_BYTES });
}

function check(
  ended: Ended,
  command: string,
  args: readonly string[],
  { exitCode = 0 }: CommandOptions,
): Ended {
  if (ended.error) throw ended.error;
  if (ended.status === exitCode) return ended;
  throw new Error(`${command} ${args.join(' ')} ended with ${ended.status}:\n${ended.stderr}`);
}

/** Whether a command can be run at all here. */
export function isThere(command: string, args: readonly string[]): boolean {
  return spawnSync(command, args, { env: environment(), stdio: 'ignore' }).status === 0;
}

/** A process that runs until it is told to end. */
export interface Background {
  pid: number;
  /** What it has written so far. */
  log(): string;
  /** Resolves when it is gone. */
  stop(): Promise<void>;
}

/** Starts a process that writes to `logFile`: a pipe could fill up while we wait for something else. */
export function startInBackground(
  args: readonly string[],
  { env, logFile }: { env: NodeJS.ProcessEnv; logFile: string },
): Background {
  const fd = openSync(logFile, 'a');
  const child: ChildProcess = spawn(NODE, args, { env, stdio: ['ignore', fd, fd] });
  closeSync(fd);
  if (child.pid === undefined) throw new Error(`${args.join(' ')} could not be started`);
  const ended = once(child, 'exit');
  return {
    pid: child.pid,
    log: () => readFileSync(logFile, 'utf8'),
    stop: async () => {
      child.kill();
      await ended;
    },
  };
}

/** What a process has used: CPU in milliseconds since its start, memory in bytes now. */
export function usageOf(pid: number): { cpuMs: number; rssBytes: number } {
  // The name of the program is in parentheses and may hold anything; user and system time follow as 14th and 15th.
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ');
  const kilobytes = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  const ticks = Number(fields[11]) + Number(fields[12]);
  return { cpuMs: ticks * MILLISECONDS_PER_TICK, rssBytes: Number(kilobytes) * 1024 };
}
