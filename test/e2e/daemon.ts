import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { until } from '../support/eventually.ts';
import type { CommandLine } from './command-line.ts';
import { commandOf, environment, type Place, type ProgramName } from './programs.ts';

export interface DaemonInit {
  program: ProgramName;
  place: Place;
  flags: readonly string[];
}

/** A program that runs on one state directory until it is stopped. */
export class Daemon {
  /** Multiaddr where it listens for peers. */
  address = '';
  /** Where its machine asks how it is: `/healthz` and `/metrics` are below it. */
  healthURL = '';
  readonly cli: CommandLine;
  readonly #init: DaemonInit;
  readonly #logFile: string;
  #child: ChildProcess | undefined;

  constructor(cli: CommandLine, init: DaemonInit) {
    this.cli = cli;
    this.#init = init;
    this.#logFile = `${cli.stateDirectory}.log`;
  }

  /** Resolves when it listens; after a stop with these flags besides its own. */
  async start(...flags: string[]): Promise<void> {
    await rm(this.#logFile, { force: true });
    this.#child = this.#spawn(flags);
    this.address = await this.said(/"addresses":\["([^"]+)\/p2p\//);
    this.healthURL = `http://127.0.0.1:${await this.said(/"port":(\d+),"msg":"Health server started"/)}`;
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  log(): Promise<string> {
    return readFile(this.#logFile, 'utf8').catch(() => '');
  }

  /** What the first group of `pattern` matches in the log, as soon as it does. */
  said(pattern: RegExp): Promise<string> {
    const child = this.#child;
    return until(
      async () => {
        const log = await this.log();
        if (child?.exitCode !== null) throw new Error(`${this.#init.program} ended: ${log}`);
        return pattern.exec(log)?.[1];
      },
      { timeoutMs: 30_000 },
    );
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return null;
    const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
    child.kill(signal);
    return ended;
  }

  #spawn(more: readonly string[]): ChildProcess {
    const { program, place, flags } = this.#init;
    const all = ['--state-dir', this.cli.stateDirectory, '--health-port', '0', ...flags, ...more];
    const child = spawn(...commandOf(program, place, all), {
      env: environment(),
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    child.stderr?.pipe(createWriteStream(this.#logFile));
    return child;
  }
}
