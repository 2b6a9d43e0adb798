import { docker } from '../support/docker-engine.ts';
import type { CommandLine } from './command-line.ts';
import { Daemon } from './daemon.ts';
import type { Place } from './programs.ts';

export interface AgentInit {
  place: Place;
  /** The engine it uses. */
  dockerHost: string;
  flags: readonly string[];
}

/** `peercomputed` on one state directory, and what runs in its engine. */
export class Agent {
  readonly cli: CommandLine;
  readonly #daemon: Daemon;
  readonly #dockerHost: string;
  #port = '0';

  constructor(cli: CommandLine, { place, dockerHost, flags }: AgentInit) {
    this.cli = cli;
    this.#daemon = new Daemon(cli, {
      program: 'peercomputed',
      place,
      flags: ['--docker-host', dockerHost, ...flags],
    });
    this.#dockerHost = dockerHost;
  }

  /** Multiaddr where it listens. */
  get address(): string {
    return this.#daemon.address;
  }

  get healthURL(): string {
    return this.#daemon.healthURL;
  }

  get pid(): number {
    return this.#daemon.pid;
  }

  /** Resolves when it listens; after a stop on the same port as before. */
  async start(): Promise<void> {
    await this.#daemon.start('--port', this.#port);
    this.#port = this.address.split('/').at(-1) ?? '0';
  }

  log(): Promise<string> {
    return this.#daemon.log();
  }

  stop(signal?: NodeJS.Signals): Promise<number | null> {
    return this.#daemon.stop(signal);
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
    return docker(this.#dockerHost, ...args);
  }

  /** A filter for what is its own. */
  async #label(): Promise<string> {
    return `label=peercompute.dev/agent=${await this.cli.peerID()}`;
  }
}
