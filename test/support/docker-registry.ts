import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { docker, hack } from './docker-engine.ts';

const run = promisify(execFile);

/** A real registry on 127.0.0.1; Docker takes plain HTTP from there. */
export class TestRegistry {
  /** `host:port`, the first part of its references. */
  readonly address: string;
  /** A Docker config file with a login for it, or with none. */
  readonly configFile: string;
  readonly #dir: string;
  readonly #dockerHost: string;

  private constructor(dir: string, address: string, dockerHost: string) {
    this.#dir = dir;
    this.address = address;
    this.#dockerHost = dockerHost;
    this.configFile = `${dir}/docker/config.json`;
  }

  /** With `login` (`user:password`) it lets nobody else in. */
  static async start(dockerHost: string, login?: string): Promise<TestRegistry> {
    const dir = await mkdtemp('/tmp/pc-registry-');
    const asked = login === undefined ? [] : ['--htpasswd', login];
    const address = await hack('registry', 'start', '--dir', `${dir}/registry`, ...asked);
    const registry = new TestRegistry(dir, address, dockerHost);
    const auths = login === undefined ? {} : { [address]: { auth: Buffer.from(login).toString('base64') } };
    await run('mkdir', [`${dir}/docker`]);
    await writeFile(registry.configFile, JSON.stringify({ auths }));
    return registry;
  }

  /** Pushes an image with one file of so many bytes, takes it off the engine, and answers its reference. */
  async push(name: string, bytes: number, source = '/dev/urandom'): Promise<string> {
    const reference = `${this.address}/${name}`;
    const layer = `${this.#dir}/layer`;
    await run('sh', [
      '-c',
      'mkdir -p "$1" && head -c "$2" "$3" >"$1/data"',
      '-',
      layer,
      String(bytes),
      source,
    ]);
    await run('tar', ['-C', layer, '-cf', `${layer}.tar`, '.']);
    await docker(this.#dockerHost, 'import', `${layer}.tar`, reference);
    await docker(this.#dockerHost, '--config', `${this.#dir}/docker`, 'push', '--quiet', reference);
    await docker(this.#dockerHost, 'rmi', '--force', reference);
    return reference;
  }

  /** Takes its images off the engine, too. */
  async stop(): Promise<void> {
    const references = await docker(
      this.#dockerHost,
      'image',
      'ls',
      '--quiet',
      '--filter',
      `reference=${this.address}/*`,
    );
    const images = [...new Set(references.split('\n').filter(Boolean))];
    if (images.length > 0) await docker(this.#dockerHost, 'rmi', '--force', ...images);
    await hack('registry', 'stop', '--dir', `${this.#dir}/registry`);
    await rm(this.#dir, { recursive: true });
  }
}
