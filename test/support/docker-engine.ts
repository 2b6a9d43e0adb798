import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { eventually } from './eventually.ts';

const run = promisify(execFile);
const HACK = new URL('../../hack/', import.meta.url).pathname;

/** Made by hack/test-images. */
export const WEB_IMAGE = 'peercompute.local/web:1';
export const BUSYBOX_IMAGE = 'peercompute.local/busybox:1';

/** Runs a script of hack/ and answers what it printed. */
export async function hack(script: string, ...args: string[]): Promise<string> {
  const { stdout } = await run(`${HACK}${script}`, args);
  return stdout.trim();
}

/** The docker command, as a person would use it beside us. */
export async function docker(dockerHost: string, ...args: string[]): Promise<string> {
  const { stdout } = await run('docker', ['--host', dockerHost, ...args], { maxBuffer: 64 * 1024 * 1024 });
  return stdout.trim();
}

/** DOCKER_HOST of the engine that all tests share, with the test images on it. */
export async function sharedEngine(): Promise<string> {
  const dockerHost = await hack('docker-engine', 'ensure');
  await hack('test-images', '--docker-host', dockerHost);
  return dockerHost;
}

/** An engine of one test's own, to be frozen and restarted. */
export class PrivateEngine {
  readonly dockerHost: string;
  readonly #dir: string;
  #pid: number;

  private constructor(dir: string, dockerHost: string, pid: number) {
    this.#dir = dir;
    this.dockerHost = dockerHost;
    this.#pid = pid;
  }

  static async start(): Promise<PrivateEngine> {
    // Not under TMPDIR: the path of a socket is short.
    const dir = await mkdtemp('/tmp/pc-engine-');
    const dockerHost = await hack('docker-engine', 'start', '--dir', dir);
    await hack('test-images', '--docker-host', dockerHost);
    return new PrivateEngine(dir, dockerHost, await pidOf(dir));
  }

  /** From now on it neither answers nor closes a connection. */
  freeze(): void {
    process.kill(this.#pid, 'SIGSTOP');
  }

  thaw(): void {
    process.kill(this.#pid, 'SIGCONT');
  }

  /** As `systemctl stop docker`: its containers end with it. With SIGKILL as a crash: they go on. */
  async shutDown(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    process.kill(this.#pid, signal);
    await eventually(() => !isAlive(this.#pid), { timeoutMs: 30_000, intervalMs: 50 });
  }

  async startAgain(): Promise<void> {
    await hack('docker-engine', 'start', '--dir', this.#dir);
    this.#pid = await pidOf(this.#dir);
  }

  /** The range that its networks are taken from, as CIDR. */
  async subnets(): Promise<string> {
    const status = await hack('docker-engine', 'status', '--dir', this.#dir);
    return /^networks (\S+)$/m.exec(status)?.[1] ?? '';
  }

  async stop(): Promise<void> {
    await hack('docker-engine', 'stop', '--dir', this.#dir);
  }
}

async function pidOf(dir: string): Promise<number> {
  return Number(await readFile(`${dir}/pid`, 'utf8'));
}

/** A zombie, which init has not reaped yet, is dead. */
function isAlive(pid: number): boolean {
  try {
    return !/^State:\s*[XZ]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false; // No such process.
  }
}
