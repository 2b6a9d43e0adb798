import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { docker } from '../support/docker-engine.ts';
import { until } from '../support/eventually.ts';
import type { CommandLine } from './command-line.ts';
import { commandOf, environment, type Place } from './programs.ts';

export interface AgentInit {
  place: Place;
  /** The engine it uses. */
  dockerHost: string;
  flags: readonly string[];
}

/** `peercomputed` on one state directory. */
export class Agent {
  /** Multiaddr where it listens. */
  address = '';
  /** Where this machine asks how it is: `/healthz` and `/metrics` are below it. */
  healthURL = '';
  readonly cli: CommandLine;
  readonly #init: AgentInit;
  readonly #logFile: string;
  #port = '0';
  #child: ChildProcess | undefined;

  constructor(cli: CommandLine, init: AgentInit) {
    this.cli = cli;
    this.#init = init;
    this.#logFile = `${cli.stateDirectory}.log`;
  }

  /** Resolves when it listens; after a stop on the same port as before. */
  async start(): Promise<void> {
    await rm(this.#logFile, { force: true });
    this.#child = this.#spawn();
    this.address = await this.#said(/"addresses":\["([^"]+)\/p2p\//);
    this.healthURL = `http://127.0.0.1:${await this.#said(/"port":(\d+),"msg":"Health server started"/)}`;
    this.#port = this.address.split('/').at(-1) ?? '0';
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  log(): Promise<string> {
    return readFile(this.#logFile, 'utf8').catch(() => '');
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return null;
    const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
    child.kill(signal);
    return ended;
  }

  /** Ends it, and its containers with it. */
  async remove(): Promise<void> {
    await this.stop('SIGKILL');
    const ids = await this.containers();
    if (ids.length > 0) await this.docker('rm', '--force', ...ids);
    const networks = await this.docker('network', 'ls', '--quiet', '--filter', await this.#label());
    if (networks) await this.docker('network', 'rm', ...networks.split('\n'));
  }

  /** IDs of its containers, running or not. */
  async containers(...filters: string[]): Promise<string[]> {
    const all = [await this.#label(), ...filters].flatMap((filter) => ['--filter', filter]);
    return (await this.docker('ps', '--all', '--quiet', '--no-trunc', ...all)).split('\n').filter(Boolean);
  }

  /** The docker command line on its engine: it looks at what is tested from outside. */
  docker(...args: string[]): Promise<string> {
    return docker(this.#init.dockerHost, ...args);
  }

  #spawn(): ChildProcess {
    const { place, flags } = this.#init;
    const own = ['--state-dir', this.cli.stateDirectory, '--port', this.#port];
    const child = spawn(...commandOf('peercomputed', place, [...own, ...flags]), {
      env: environment(),
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    child.stderr?.pipe(createWriteStream(this.#logFile));
    return child;
  }

  /** What the first group of `pattern` matches in the log, as soon as it does. */
  #said(pattern: RegExp): Promise<string> {
    const child = this.#child;
    return until(
      async () => {
        const log = await this.log();
        if (child?.exitCode !== null) throw new Error(`the agent ended: ${log}`);
        return pattern.exec(log)?.[1];
      },
      { timeoutMs: 30_000 },
    );
  }

  /** A filter for what is its own. */
  async #label(): Promise<string> {
    return `label=peercompute.dev/agent=${await this.cli.peerID()}`;
  }
}
