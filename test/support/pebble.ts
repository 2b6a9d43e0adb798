import { type ChildProcess, spawn } from 'node:child_process';
import { createPublicKey } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:https';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { serverExtensions } from '../../agents/gateway/certificates/x509/extensions.ts';
import { newKey, signCertificate, toPem } from '../../agents/gateway/certificates/x509/sign.ts';
import { eventually } from './eventually.ts';

export interface PebbleOptions {
  /** `host:port` of the DNS server that it asks. */
  dns: string;
  /** Where it looks for HTTP-01 and TLS-ALPN-01. */
  httpPort: number;
  tlsPort: number;
  /** What it injects. Default: nothing, and each authorization is proven anew. */
  env?: Record<string, string>;
  /** Identifiers and keys of external accounts; with them it wants one. */
  externalAccounts?: Record<string, string>;
  /** Seconds that its certificates live. Default: 90 days. */
  validitySeconds?: number;
}

const CALM = { PEBBLE_VA_NOSLEEP: '1', PEBBLE_WFE_NONCEREJECT: '0', PEBBLE_AUTHZREUSE: '0' };
const NINETY_DAYS = 90 * 86_400;

/** A key and a certificate that signs itself, for a server on loopback. */
export function loopbackPair(): { cert: string; key: string } {
  const privateKey = newKey();
  const publicKey = createPublicKey(privateKey);
  const now = Date.now();
  const cert = signCertificate({
    subject: 'loopback',
    issuer: { name: 'loopback', privateKey },
    publicKey,
    notBefore: now - 86_400_000,
    notAfter: now + 365 * 86_400_000,
    extensions: serverExtensions(publicKey, ['localhost']),
  });
  return { cert, key: toPem(privateKey) };
}

/** A port of loopback that nobody had a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address ? address.port : 0;
}

/** A real ACME server (Debian package pebble) on loopback; it remembers nothing once stopped. */
export class Pebble {
  /** What its own server is checked by. */
  readonly roots: string;
  readonly #port: number;
  readonly #managementPort: number;
  readonly #process: ChildProcess;
  readonly #directory: string;
  #log = '';

  private constructor(process: ChildProcess, init: { roots: string; ports: number[]; directory: string }) {
    this.#process = process;
    this.roots = init.roots;
    [this.#port = 0, this.#managementPort = 0] = init.ports;
    this.#directory = init.directory;
    for (const stream of [process.stdout, process.stderr])
      stream?.on('data', (chunk) => {
        this.#log += chunk;
      });
  }

  static async start(options: PebbleOptions): Promise<Pebble> {
    const directory = await mkdtemp('/tmp/pc-pebble-');
    const ports = [await freePort(), await freePort()];
    const { cert, key } = loopbackPair();
    await writeFile(join(directory, 'cert.pem'), cert);
    await writeFile(join(directory, 'key.pem'), key, { mode: 0o600 });
    await writeFile(join(directory, 'config.json'), JSON.stringify(config(options, ports, directory)));
    const child = spawn('pebble', ['-config', join(directory, 'config.json'), '-dnsserver', options.dns], {
      env: { PATH: process.env.PATH, ...CALM, ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    await once(child, 'spawn').catch((error) => {
      throw new Error('pebble cannot be run: apt-get install pebble', { cause: error });
    });
    const pebble = new Pebble(child, { roots: cert, ports, directory });
    await eventually(() => pebble.#log.includes('Listening on'), { timeoutMs: 30_000 });
    return pebble;
  }

  get port(): number {
    return this.#port;
  }

  get directoryURL(): string {
    return `https://localhost:${this.#port}/dir`;
  }

  /** PEM of the root that its certificates lead to. */
  async issuingRoot(): Promise<string> {
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const url = `https://localhost:${this.#managementPort}/roots/0`;
    request(url, { ca: this.roots }, async (response) => {
      let body = '';
      for await (const chunk of response) body += chunk;
      resolve(body);
    })
      .on('error', reject)
      .end();
    return promise;
  }

  /** How many orders it has made. */
  get orders(): number {
    return this.#log.match(/Added order /g)?.length ?? 0;
  }

  /** How many certificates it has signed. */
  get certificates(): number {
    return this.#log.match(/Issued certificate serial /g)?.length ?? 0;
  }

  get log(): string {
    return this.#log;
  }

  async stop(): Promise<void> {
    if (this.#process.exitCode === null) {
      this.#process.kill('SIGKILL');
      await once(this.#process, 'exit');
    }
    await rm(this.#directory, { recursive: true });
  }
}

function config(options: PebbleOptions, [port, managementPort]: number[], directory: string) {
  const { httpPort, tlsPort, externalAccounts, validitySeconds = NINETY_DAYS } = options;
  return {
    pebble: {
      listenAddress: `127.0.0.1:${port}`,
      managementListenAddress: `127.0.0.1:${managementPort}`,
      certificate: join(directory, 'cert.pem'),
      privateKey: join(directory, 'key.pem'),
      httpPort,
      tlsPort,
      ocspResponderURL: '',
      externalAccountBindingRequired: externalAccounts !== undefined,
      externalAccountMACKeys: externalAccounts ?? {},
      certificateValidityPeriod: validitySeconds,
    },
  };
}
