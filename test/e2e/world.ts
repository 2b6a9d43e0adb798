import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { docker, sharedEngine } from '../support/docker-engine.ts';
import { until } from '../support/eventually.ts';

const dist = resolve(import.meta.dirname, '../../dist');

export interface Ended {
  code: number;
  stdout: string;
  stderr: string;
}

/** Prefix of a command, such as `ip netns exec alice`: where it runs. */
export type Where = readonly string[];

const HERE: Where = [];

/** Programs as users start them, on state of their own; all of it goes with {@link stop}. */
export class Machines {
  readonly directory: string;
  readonly #agents = new Set<Agent>();
  readonly #children = new Set<ChildProcess>();

  private constructor(directory: string) {
    this.directory = directory;
  }

  static async create(): Promise<Machines> {
    return new Machines(await mkdtemp(join(tmpdir(), 'peercompute-e2e-')));
  }

  /** A developer's state directory, with an identity. */
  async developer(name: string, where: Where = HERE): Promise<CommandLine> {
    const developer = new CommandLine(join(this.directory, name), where, this.#children);
    await developer.ok('init');
    return developer;
  }

  /** A provider whose agent runs. */
  async provider(
    name: string,
    init: { where?: Where; listen?: string; flags?: string[]; dockerHost?: string } = {},
  ): Promise<Agent> {
    const { where = HERE, listen = '127.0.0.1', flags = [], dockerHost = await sharedEngine() } = init;
    const cli = new CommandLine(join(this.directory, name), where, this.#children);
    const fixed = ['--listen', listen, '--health-port', 'off', '--docker-host', dockerHost];
    const agent = new Agent(cli, { where, dockerHost, flags: [...fixed, ...flags] });
    this.#agents.add(agent);
    await agent.start();
    return agent;
  }

  async file(name: string, text: string): Promise<string> {
    const path = join(this.directory, name);
    await writeFile(path, text);
    return path;
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#agents].map((agent) => agent.remove()));
    for (const child of this.#children) child.kill('SIGKILL');
    await rm(this.directory, { recursive: true });
  }
}

/** `peerctl` on one state directory. */
export class CommandLine {
  readonly stateDirectory: string;
  readonly #where: Where;
  readonly #children: Set<ChildProcess>;

  constructor(stateDirectory: string, where: Where, children: Set<ChildProcess>) {
    this.stateDirectory = stateDirectory;
    this.#where = where;
    this.#children = children;
  }

  /** Runs a command to its end, whatever that is. */
  run(...args: string[]): Promise<Ended> {
    const [file, ...rest] = this.#command(args);
    return new Promise((done) => {
      const child = execFile(
        file!,
        rest,
        { timeout: 60_000, env: environment() },
        (error, stdout, stderr) => {
          this.#children.delete(child);
          done({ code: typeof error?.code === 'number' ? error.code : error ? -1 : 0, stdout, stderr });
        },
      );
      this.#children.add(child);
    });
  }

  /** Runs a command that must succeed. @returns what it printed. */
  async ok(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await this.run(...args);
    if (code !== 0) throw new Error(`peerctl ${args.join(' ')} ended with ${code}: ${stderr}${stdout}`);
    return stdout;
  }

  /** Starts a command that goes on, such as `get -w`. */
  follow(...args: string[]): Following {
    const [file, ...rest] = this.#command(args);
    const child = spawn(file!, rest, { env: environment(), stdio: ['ignore', 'pipe', 'pipe'] });
    this.#children.add(child);
    return new Following(child);
  }

  async peerID(): Promise<string> {
    return (await this.ok('identity')).trim();
  }

  #command(args: string[]): string[] {
    return [
      ...this.#where,
      process.execPath,
      join(dist, 'peerctl.js'),
      '--state-dir',
      this.stateDirectory,
      ...args,
    ];
  }
}

/** A command under way and what it has printed so far. */
export class Following {
  stdout = '';
  stderr = '';
  readonly ended: Promise<number | null>;
  readonly #child: ChildProcess;

  constructor(child: ChildProcess) {
    this.#child = child;
    child.stdout?.on('data', (chunk) => (this.stdout += chunk));
    child.stderr?.on('data', (chunk) => (this.stderr += chunk));
    this.ended = new Promise((resolve) => child.once('exit', resolve));
  }

  /** Ctrl-C. @returns the exit code. */
  interrupt(): Promise<number | null> {
    this.#child.kill('SIGINT');
    return this.ended;
  }
}

export interface AgentInit {
  where: Where;
  /** The engine it uses. */
  dockerHost: string;
  flags: readonly string[];
}

/** `peercomputed` on one state directory. */
export class Agent {
  /** Multiaddr where it listens. */
  address = '';
  readonly cli: CommandLine;
  readonly #init: AgentInit;
  readonly #log: string;
  #port = '0';
  #child: ChildProcess | undefined;

  constructor(cli: CommandLine, init: AgentInit) {
    this.cli = cli;
    this.#init = init;
    this.#log = `${cli.stateDirectory}.log`;
  }

  /** Resolves when it listens; after a stop on the same port as before. */
  async start(): Promise<void> {
    const args = [
      join(dist, 'peercomputed.js'),
      '--state-dir',
      this.cli.stateDirectory,
      '--port',
      this.#port,
      ...this.#init.flags,
    ];
    const [file, ...rest] = [...this.#init.where, process.execPath, ...args];
    await rm(this.#log, { force: true });
    this.#child = spawn(file!, rest, { env: environment(), stdio: ['ignore', 'ignore', 'pipe'] });
    this.#child.stderr?.pipe(createWriteStream(this.#log));
    const child = this.#child;
    const address = await until(
      async () => {
        const log = await this.log();
        if (child.exitCode !== null) throw new Error(`the agent ended: ${log}`);
        return /"addresses":\["([^"]+)\/p2p\//.exec(log)?.[1];
      },
      { timeoutMs: 30_000 },
    );
    this.#port = address.split('/').at(-1) ?? '0';
    this.address = address;
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  log(): Promise<string> {
    return readFile(this.#log, 'utf8').catch(() => '');
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

  /** A filter for what is its own. */
  async #label(): Promise<string> {
    return `label=peercompute.dev/agent=${await this.cli.peerID()}`;
  }
}

/** Both write the other down. */
export async function introduce(
  developer: CommandLine,
  agent: Agent,
  names: { developer: string; provider: string },
  grants: string[] = [],
): Promise<void> {
  await agent.cli.ok(
    'peers',
    'add',
    await developer.peerID(),
    '--name',
    names.developer,
    '--allow',
    'deploy,logs',
    ...grants,
  );
  await developer.ok(
    'peers',
    'add',
    await agent.cli.peerID(),
    '--name',
    names.provider,
    '--addr',
    agent.address,
  );
}

export function manifest(
  name: string,
  { peers = ['alice'], replicas = 1, image = 'peercompute.local/web:1', more = '' } = {},
): string {
  return `apiVersion: peercompute.dev/v1alpha1
kind: Deployment
metadata:
  name: ${name}
spec:
  placement:
    peers: [${peers.join(', ')}]
  replicas: ${replicas}
  template:
    spec:
      containers:
        - name: ${name}
          image: ${image}
          ports: [{containerPort: 80}]
          resources: {limits: {cpu: 100m, memory: 32Mi}}
${more}`;
}

/** An extra certificate file would be read at every start; nothing here needs one. */
function environment(): NodeJS.ProcessEnv {
  const { NODE_EXTRA_CA_CERTS: _, NODE_OPTIONS: __, ...env } = process.env;
  return env;
}
