import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect as connectHttp2,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
} from 'node:http2';
import type { LookupFunction } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { promisify } from 'node:util';
import type { HostRoute } from '../../controllers/ports/router.ts';
import { DataPath, HOST } from './gateway-data-path.ts';

const run = promisify(execFile);
const MOST_OUTPUT = 64 * 1024 * 1024;

/** All names are here. */
export const lookup: LookupFunction = (_, options, found) => {
  if (options.all) found(null, [{ address: '127.0.0.1', family: 4 }]);
  else found(null, '127.0.0.1', 4);
};

export interface GatewayInit {
  protocol?: HostRoute['protocol'];
  /** Starts a container other than that of `DataPath`, and answers its port. */
  container?(): Promise<number>;
}

/** A gateway with a tunnel to a container, for the tests of a file, and clients that trust it. */
export class Gateway {
  path!: DataPath;
  #directory!: string;

  async start({ protocol = 'HTTP', container }: GatewayInit): Promise<void> {
    this.path = new DataPath();
    this.path.protocol = protocol;
    this.path.containerPort = await container?.();
    await this.path.start();
    await this.path.dial();
    this.#directory = await mkdtemp(join(tmpdir(), 'peercompute-clients-'));
    await writeFile(this.caFile, this.path.ca);
  }

  async stop(): Promise<void> {
    await this.path.end();
    await rm(this.#directory, { recursive: true });
  }

  get caFile(): string {
    return join(this.#directory, 'ca.pem');
  }

  get origin(): string {
    return `${HOST}:${this.path.ingress.httpsPort}`;
  }

  url(path: string): string {
    return `https://${this.origin}${path}`;
  }

  /** Runs curl; the last arguments are paths. */
  curl(...args: string[]) {
    const to = ['-sS', '--cacert', this.caFile, '--resolve', `${this.origin}:127.0.0.1`];
    const given = args.map((arg) => (arg.startsWith('/') && arg !== '/dev/null' ? this.url(arg) : arg));
    return run('curl', [...to, ...given], { maxBuffer: MOST_OUTPUT });
  }

  /** A connection of HTTP/2. */
  session(): ClientHttp2Session {
    const port = this.path.ingress.httpsPort;
    const tls = { host: '127.0.0.1', port, servername: HOST, ca: this.path.ca, ALPNProtocols: ['h2'] };
    const session = connectHttp2(`https://${this.origin}`, { createConnection: () => connectTls(tls) });
    // Its streams break, and say so.
    session.on('error', () => undefined);
    return session;
  }
}

export function useGateway(init: GatewayInit = {}): Gateway {
  const gateway = new Gateway();
  beforeAll(() => gateway.start(init));
  afterAll(() => gateway.stop());
  return gateway;
}

export interface Http2Answer {
  headers: IncomingHttpHeaders;
  trailers?: IncomingHttpHeaders;
  body: Buffer;
  /** What the stream was closed with. */
  code: number;
  /** Whether the body ended, rather than broke off. */
  whole: boolean;
}

/** What comes back on a stream. */
export async function answered(stream: ClientHttp2Stream): Promise<Http2Answer> {
  const parts: Buffer[] = [];
  const answer: Partial<Http2Answer> = { headers: {} };
  let ended = false;
  stream.on('response', (headers) => {
    answer.headers = headers;
  });
  stream.on('trailers', (trailers) => {
    answer.trailers = trailers;
  });
  stream.on('data', (part: Buffer) => parts.push(part));
  stream.on('end', () => {
    ended = stream.rstCode === 0;
  });
  // `close` says it with a code.
  stream.on('error', () => undefined);
  await new Promise<void>((resolve) => stream.once('close', resolve));
  const { rstCode: code } = stream;
  return { headers: {}, ...answer, body: Buffer.concat(parts), code, whole: ended && code === 0 };
}

/** Asks, and answers what comes back. */
export function ask(
  session: ClientHttp2Session,
  path: string,
  { body, ...headers }: OutgoingHttpHeaders & { body?: string } = {},
): Promise<Http2Answer> {
  const method = body === undefined ? 'GET' : 'POST';
  const stream = session.request({ ':path': path, ':method': method, ...headers });
  stream.end(body);
  return answered(stream);
}
