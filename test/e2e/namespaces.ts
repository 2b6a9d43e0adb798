import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Where } from './programs.ts';

const run = promisify(execFile);

const ip = (...args: string[]) => run('ip', args);

/** Several hosts on one machine: network namespaces on one bridge, each with an address of its own. Needs root. */
export class Hosts {
  readonly #bridge: string;
  readonly #names: string[] = [];
  readonly #prefix: string;

  private constructor(bridge: string, prefix: string) {
    this.#bridge = bridge;
    this.#prefix = prefix;
  }

  /** @param tag At most 8 characters, so that names of devices stay within 15. */
  static async create(tag: string): Promise<Hosts> {
    const bridge = `${tag}-br`;
    await removeAll(bridge);
    await ip('link', 'add', bridge, 'type', 'bridge');
    await ip('link', 'set', bridge, 'up');
    // From the range for tests between networks (RFC 2544): nobody's LAN.
    return new Hosts(bridge, `198.18.${process.pid % 250}`);
  }

  /** A host. @returns where to run commands on it, the name of its namespace, and its address. */
  async add(name: string): Promise<{ where: Where; namespace: string; address: string }> {
    const namespace = `${this.#bridge}-${name}`;
    const index = this.#names.push(namespace);
    const address = `${this.#prefix}.${index}`;
    const device = `${this.#bridge}${index}`;
    await ip('netns', 'add', namespace);
    await ip('link', 'add', device, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', namespace);
    await ip('link', 'set', device, 'master', this.#bridge, 'up');
    await ip('-n', namespace, 'link', 'set', 'lo', 'up');
    await ip('-n', namespace, 'link', 'set', 'eth0', 'up');
    await ip('-n', namespace, 'address', 'add', `${address}/24`, 'dev', 'eth0');
    return { where: ['nsenter', `--net=/run/netns/${namespace}`], namespace, address };
  }

  /** Loses every packet between a host and the others, without telling anyone; or no longer. */
  async cut(namespace: string, cut: boolean): Promise<void> {
    for (const chain of ['INPUT', 'OUTPUT']) {
      const interfaceOf = chain === 'INPUT' ? '-i' : '-o';
      await run('nsenter', [
        `--net=/run/netns/${namespace}`,
        'iptables',
        cut ? '-I' : '-D',
        chain,
        interfaceOf,
        'eth0',
        '-j',
        'DROP',
      ]);
    }
  }

  remove(): Promise<void> {
    return removeAll(this.#bridge);
  }
}

/** Whatever there is of it: a run that was interrupted has left some. */
async function removeAll(bridge: string): Promise<void> {
  const { stdout } = await ip('netns', 'list');
  const names = stdout.split('\n').map((line) => line.split(' ')[0] ?? '');
  for (const name of names.filter((found) => found.startsWith(`${bridge}-`)))
    await ip('netns', 'delete', name);
  const { stdout: links } = await ip('-o', 'link', 'show', 'type', 'bridge');
  if (links.includes(` ${bridge}:`)) await ip('link', 'delete', bridge);
}
