import type { ChildProcess } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sharedEngine } from '../support/docker-engine.ts';
import { Agent } from './agent.ts';
import { CommandLine } from './command-line.ts';
import { Daemon } from './daemon.ts';
import { HERE, type Where } from './programs.ts';

export type GatewayInit = Omit<ProviderInit, 'dockerHost'>;

export interface ProviderInit {
  where?: Where;
  /** Address for peers. */
  listen?: string;
  flags?: string[];
  dockerHost?: string;
}

/** Programs as users start them, on state of their own; all of it goes with {@link stop}. */
export class Machines {
  readonly directory: string;
  readonly #dist: string | undefined;
  readonly #agents = new Set<Agent>();
  readonly #gateways = new Set<Daemon>();
  readonly #children = new Set<ChildProcess>();

  private constructor(directory: string, dist: string | undefined) {
    this.directory = directory;
    this.#dist = dist;
  }

  /** @param init.dist Where the built programs are. Default: this project's. */
  static async create({ dist }: { dist?: string } = {}): Promise<Machines> {
    return new Machines(await mkdtemp(join(tmpdir(), 'peercompute-e2e-')), dist);
  }

  /** A developer's state directory, with an identity. */
  async developer(name: string, where: Where = HERE): Promise<CommandLine> {
    const developer = this.#commandLine(name, where);
    await developer.ok('init');
    return developer;
  }

  /** A provider whose agent runs. */
  async provider(name: string, init: ProviderInit = {}): Promise<Agent> {
    const { where = HERE, listen = '127.0.0.1', flags = [], dockerHost = await sharedEngine() } = init;
    const place = { where, dist: this.#dist };
    const agent = new Agent(this.#commandLine(name, where), {
      place,
      dockerHost,
      flags: ['--listen', listen, ...flags],
    });
    this.#agents.add(agent);
    await agent.start();
    return agent;
  }

  /** A gateway for example.test that runs, with certificates of its own authority. */
  async gateway(
    name: string,
    { where = HERE, listen = '127.0.0.1', flags = [] }: GatewayInit = {},
  ): Promise<Daemon> {
    const ports = ['--https-port', '0', '--http-port', '0', '--tunnel-port', '0'];
    const all = ['--domain', 'example.test', '--listen', listen, ...ports, ...flags];
    const place = { where, dist: this.#dist };
    const gateway = new Daemon(this.#commandLine(name, where), { program: 'gateway', place, flags: all });
    this.#gateways.add(gateway);
    await gateway.start();
    return gateway;
  }

  async file(name: string, text: string): Promise<string> {
    const path = join(this.directory, name);
    await writeFile(path, text);
    return path;
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#agents].map((agent) => agent.remove()));
    await Promise.all([...this.#gateways].map((gateway) => gateway.stop('SIGKILL')));
    for (const child of this.#children) child.kill('SIGKILL');
    await rm(this.directory, { recursive: true });
  }

  #commandLine(name: string, where: Where): CommandLine {
    return new CommandLine(join(this.directory, name), { where, dist: this.#dist }, this.#children);
  }
}
