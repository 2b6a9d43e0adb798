import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Hosts } from './namespaces.ts';
import type { Where } from './programs.ts';

const run = promisify(execFile);

/** A host behind a router that does what those in homes do: it hides what is behind it, and lets nothing in. */
export class HomeNetwork {
  /** Of the router, as the world sees all that is behind it. */
  readonly address: string;
  /** Of the host. */
  readonly namespace: string;
  readonly where: Where;
  readonly #router: string;
  readonly #prefix: string;
  #last = 2;

  private constructor(router: { namespace: string; address: string }, namespace: string, prefix: string) {
    this.#router = router.namespace;
    this.address = router.address;
    this.namespace = namespace;
    this.where = ['nsenter', `--net=/run/netns/${namespace}`];
    this.#prefix = prefix;
  }

  /** @param prefix The first three numbers of the addresses behind the router. */
  static async create(hosts: Hosts, name: string, prefix: string): Promise<HomeNetwork> {
    const router = await hosts.add(`${name}-router`);
    const network = new HomeNetwork(router, `${router.namespace}-${name}`, prefix);
    await network.#connect();
    await network.#protect();
    await network.translate('alike');
    return network;
  }

  /**
   * `alike`: a port inside is one port outside, whoever is at the other end. `anew`: each connection gets
   * another one, so that what one peer sees of it is of no use to another.
   */
  async translate(ports: 'alike' | 'anew'): Promise<void> {
    await this.#iptables('-t', 'nat', '-F', 'POSTROUTING');
    const how = ports === 'anew' ? ['--random-fully'] : [];
    await this.#iptables('-t', 'nat', '-A', 'POSTROUTING', '-o', 'eth0', '-j', 'MASQUERADE', ...how);
  }

  /** The host gets another address; nobody is told. */
  async move(): Promise<void> {
    const [before, now] = [this.#last, ++this.#last];
    await this.#ip('address', 'delete', `${this.#prefix}.${before}/24`, 'dev', 'eth0');
    await this.#ip('address', 'add', `${this.#prefix}.${now}/24`, 'dev', 'eth0');
    await this.#ip('route', 'replace', 'default', 'via', `${this.#prefix}.1`);
  }

  /** Lets nothing out to a port any more, or again; what runs is cut off. */
  async close(port: string, closed: boolean): Promise<void> {
    const rule = ['FORWARD', '-p', 'tcp', '--dport', port, '-j', 'REJECT', '--reject-with', 'tcp-reset'];
    await this.#iptables(closed ? '-I' : '-D', ...rule);
  }

  /** Packets from outside that nobody inside had asked for. */
  async turnedAway(): Promise<number> {
    const { stdout } = await this.#iptables('-L', 'INPUT', '-v', '-x', '-n');
    const rule = stdout.split('\n').find((line) => line.includes('DROP') && line.includes('eth0'));
    if (rule === undefined) throw new Error(`the router does not count: ${stdout}`);
    return Number(rule.trim().split(/\s+/)[0]);
  }

  /** Sockets of the host that listen where others could reach them. */
  async listening(): Promise<string[]> {
    const [file = '', ...args] = this.where;
    const { stdout } = await run(file, [...args, 'ss', '-H', '-l', '-n', '-t', '-u']);
    const addresses = stdout.split('\n').flatMap((line) => line.trim().split(/\s+/)[4] ?? []);
    return addresses.filter((address) => !/^(127\.|\[::1\])/.test(address));
  }

  async #connect(): Promise<void> {
    await run('ip', ['netns', 'add', this.namespace]);
    const inside = ['peer', 'name', 'eth0', 'netns', this.namespace];
    await run('ip', ['link', 'add', 'lan', 'netns', this.#router, 'type', 'veth', ...inside]);
    await run('ip', ['-n', this.#router, 'address', 'add', `${this.#prefix}.1/24`, 'dev', 'lan']);
    await run('ip', ['-n', this.#router, 'link', 'set', 'lan', 'up']);
    for (const device of ['lo', 'eth0']) await this.#ip('link', 'set', device, 'up');
    await this.#ip('address', 'add', `${this.#prefix}.${this.#last}/24`, 'dev', 'eth0');
    await this.#ip('route', 'add', 'default', 'via', `${this.#prefix}.1`);
  }

  async #protect(): Promise<void> {
    await this.#onRouter('sh', '-c', 'echo 1 >/proc/sys/net/ipv4/ip_forward');
    const isAnswer = ['-m', 'conntrack', '--ctstate', 'ESTABLISHED,RELATED'];
    await this.#iptables('-A', 'FORWARD', ...isAnswer, '-j', 'ACCEPT');
    await this.#iptables('-A', 'FORWARD', '-i', 'lan', '-j', 'ACCEPT');
    await this.#iptables('-P', 'FORWARD', 'DROP');
    await this.#iptables('-A', 'INPUT', '-i', 'eth0', '-j', 'DROP');
  }

  #ip(...args: string[]) {
    return run('ip', ['-n', this.namespace, ...args]);
  }

  #iptables(...args: string[]) {
    return this.#onRouter('iptables', ...args);
  }

  #onRouter(...command: string[]) {
    return run('nsenter', [`--net=/run/netns/${this.#router}`, ...command]);
  }
}
