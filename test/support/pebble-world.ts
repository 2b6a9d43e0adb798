import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createCertificates } from '../../agents/gateway/certificates/create-certificates.ts';
import type { GatewayCertificates } from '../../agents/gateway/certificates/gateway-certificates.ts';
import type { DnsOptions } from '../../agents/gateway/certificates/options.ts';
import { eventually, until } from './eventually.ts';
import { FakeLogger } from './fake-logger.ts';
import { Pebble, type PebbleOptions } from './pebble.ts';
import { LeapingClock } from './pebble-clock.ts';
import { TestDns } from './pebble-dns.ts';
import { TestEdge } from './pebble-edge.ts';
import { CaProxy } from './pebble-proxy.ts';
import { silentMetrics } from './silent.ts';

export const DOMAIN = 'gateway.example.com';

/** Of nobody: both sides of the tests have it. */
export const TSIG_KEY = {
  name: 'gateway.example',
  algorithm: 'hmac-sha256',
  secret: Buffer.from('0123456789abcdef0123456789abcdef'),
} as const;

const KEY_FILE = `key "${TSIG_KEY.name}" { algorithm ${TSIG_KEY.algorithm}; secret "${TSIG_KEY.secret.toString('base64')}"; };`;

/** Pebble starts within seconds; one that sleeps and refuses takes longer than all of ours. */
const PATIENCE = { timeoutMs: 60_000, intervalMs: 20 };

export interface WorldOptions extends Pick<PebbleOptions, 'env' | 'externalAccounts' | 'validitySeconds'> {
  /** Whose port is closed. */
  edge?: { http?: boolean; tls?: boolean };
}

/** A gateway with its certificates, the CA that it asks, and the DNS that the CA believes. */
export class AcmeWorld {
  readonly clock = new LeapingClock();
  readonly logger = new FakeLogger();
  readonly pebble: Pebble;
  readonly proxy: CaProxy;
  readonly edge: TestEdge;
  readonly dns: TestDns;
  readonly directory: string;
  /** The state directory of the next gateway. */
  state: string;
  #stop = new AbortController();

  private constructor(parts: Pick<AcmeWorld, 'pebble' | 'proxy' | 'edge' | 'dns' | 'directory'>) {
    this.pebble = parts.pebble;
    this.proxy = parts.proxy;
    this.edge = parts.edge;
    this.dns = parts.dns;
    this.directory = parts.directory;
    this.state = join(parts.directory, 'certificates');
  }

  static async start({ edge: ports, ...options }: WorldOptions = {}): Promise<AcmeWorld> {
    const directory = await mkdtemp('/tmp/pc-acme-');
    const dns = await TestDns.start({ zone: 'example.com', key: TSIG_KEY });
    const edge = await TestEdge.start(ports);
    const { httpPort, tlsPort } = edge;
    const pebble = await Pebble.start({ dns: dns.address, httpPort, tlsPort, ...options });
    const proxy = await CaProxy.start(pebble);
    await writeFile(join(directory, 'roots.pem'), proxy.roots);
    await writeFile(join(directory, 'tsig.key'), KEY_FILE);
    return new AcmeWorld({ pebble, proxy, edge, dns, directory });
  }

  /** How to update the DNS of this world. */
  get dnsUpdate(): DnsOptions {
    return {
      by: 'rfc2136',
      host: '127.0.0.1',
      port: this.dns.port,
      keyFile: join(this.directory, 'tsig.key'),
    };
  }

  /** Starts a gateway, in place of the one before, on the same state directory. */
  async gateway(
    hosts: readonly string[],
    options: { dns?: DnsOptions; external?: { kid: string; key: string }; email?: string } = {},
  ): Promise<GatewayCertificates> {
    this.stopGateway();
    this.#stop = new AbortController();
    const certificates = createCertificates(
      { clock: this.clock, logger: this.logger, metrics: silentMetrics },
      {
        tls: 'acme',
        directory: this.state,
        domain: DOMAIN,
        directoryURL: this.proxy.directoryURL,
        rootsFile: join(this.directory, 'roots.pem'),
        propagationMs: 0,
        ...options,
      },
    );
    await certificates.start(this.#stop.signal);
    this.edge.serve(certificates);
    certificates.want(new Set(hosts));
    return certificates;
  }

  stopGateway(): void {
    this.#stop.abort(new Error('the gateway stops'));
    this.edge.pause();
  }

  /** Waits until a host has its certificate, and nothing is under way: time may leap then. */
  async ready(certificates: GatewayCertificates, host: string): Promise<void> {
    await until(() => (certificates.state(host).ready ? true : undefined), PATIENCE).catch((error) => {
      throw new Error(`${JSON.stringify(certificates.state(host))}\n${this.pebble.log.slice(-2000)}`, {
        cause: error,
      });
    });
    await eventually(async () => (await this.records('order-')).length === 0, PATIENCE);
    await this.clock.settle();
  }

  /** Serial number of what visitors of a host see; rejects when they do not trust it. */
  async serial(host: string): Promise<string> {
    return (await this.edge.visit(host, await this.pebble.issuingRoot())).serialNumber;
  }

  /** Records of the state directory by their file names. */
  async records(prefix: string): Promise<[name: string, text: string][]> {
    const names = (await readdir(this.state)).filter((name) => name.startsWith(prefix));
    return Promise.all(
      names.map(async (name) => [name, await readFile(join(this.state, name), 'utf8')] as [string, string]),
    );
  }

  async dispose(): Promise<void> {
    this.stopGateway();
    await Promise.all([this.proxy.stop(), this.pebble.stop(), this.edge.stop(), this.dns.stop()]);
    await rm(this.directory, { recursive: true, maxRetries: 3 });
  }
}
