import { once } from 'node:events';
import { truncate, writeFile } from 'node:fs/promises';
import { createServer as createHttp2, type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { pipeline, Readable, type Writable } from 'node:stream';
import { eventually } from '../support/eventually.ts';
import { useGateway } from '../support/gateway-clients.ts';
import { watchBuffers } from '../support/rpc-heap.ts';
import { temporaryDirectory } from '../support/store-directory.ts';

/** Bar G5: large bodies through the edge and a tunnel, with memory that stays flat. */

const MIB = 1024 * 1024;
const SCALE = Number(process.env.PEERCOMPUTE_TEST_SCALE ?? 1);
const LENGTH = SCALE > 1 ? 5 * 1024 * MIB : 32 * MIB;
const PART = Buffer.alloc(64 * 1024, 'x');
const TIMEOUT_MS = SCALE > 1 ? 900_000 : 30_000;

/** What gateway, provider and container may hold together, however long a body is. */
const MAX_GROWTH = 128 * MIB;

/** Sends the body as fast as it is taken. */
function pump(to: Writable): void {
  function* parts() {
    for (let sent = 0; sent < LENGTH; sent += PART.length) yield PART;
  }
  // Whoever leaves early is told by what came.
  pipeline(Readable.from(parts()), to, () => undefined);
}

async function count(from: Readable): Promise<number> {
  let bytes = 0;
  for await (const part of from) bytes += part.length;
  return bytes;
}

const h2c = createHttp2();
h2c.on('stream', (stream) => {
  const answer = stream as ServerHttp2Stream;
  answer.on('error', () => undefined);
  if (answer.endAfterHeaders) {
    answer.respond({ 'content-length': LENGTH });
    pump(answer);
  } else
    void count(answer).then((bytes) => {
      answer.respond();
      answer.end(`${bytes}`);
    });
});

const http = useGateway();
const grpc = useGateway({
  protocol: 'H2C',
  container: async () => {
    h2c.listen(0, '127.0.0.1');
    await once(h2c, 'listening');
    return (h2c.address() as AddressInfo).port;
  },
});
afterAll(() => h2c.close());

let place: Awaited<ReturnType<typeof temporaryDirectory>>;
let memory: Awaited<ReturnType<typeof watchBuffers>>;

beforeAll(async () => {
  place = await temporaryDirectory();
  await writeFile(place.directory, '');
  // Holes are zeros that take no space.
  await truncate(place.directory, LENGTH);
  http.path.handle = (question, answer) => {
    if (question.method === 'GET') {
      answer.setHeader('Content-Length', LENGTH);
      pump(answer);
    } else void count(question).then((bytes) => answer.end(`${bytes}`));
  };
});
afterAll(() => place.dispose());

beforeEach(async () => {
  memory = await watchBuffers(MAX_GROWTH);
});
afterEach(() => memory.stop());

describe.each([
  ['HTTP/1.1', '--http1.1', 'HTTP', http],
  ['HTTP/2', '--http2', 'HTTP', http],
  ['HTTP/1.1', '--http1.1', 'H2C', grpc],
  ['HTTP/2', '--http2', 'H2C', grpc],
])(`${LENGTH / MIB} MiB over %s`, (_, version, protocol, gateway) => {
  it(
    `go down whole from a container that speaks ${protocol}`,
    async () => {
      const { stdout } = await gateway.curl(
        version,
        '-m',
        `${TIMEOUT_MS / 1000}`,
        '-o',
        '/dev/null',
        '-w',
        '%{size_download}',
        '/',
      );
      expect(Number(stdout)).toBe(LENGTH);
      expect(memory.most()).toBeLessThan(MAX_GROWTH);
    },
    TIMEOUT_MS,
  );

  it(
    `go up whole to a container that speaks ${protocol}`,
    async () => {
      const { stdout } = await gateway.curl(
        version,
        '-m',
        `${TIMEOUT_MS / 1000}`,
        `-T${place.directory}`,
        '/',
      );
      expect(Number(stdout)).toBe(LENGTH);
      expect(memory.most()).toBeLessThan(MAX_GROWTH);
    },
    TIMEOUT_MS,
  );
});

it.each([
  ['HTTP', http],
  ['H2C', grpc],
])('a visitor that reads nothing stops a container that speaks %s', async (_, gateway) => {
  const session = gateway.session();
  const stream = session.request({ ':path': '/' });
  stream.on('error', () => undefined);
  await once(stream, 'response');
  let before = -1;
  await eventually(
    () => {
      const held = process.memoryUsage().arrayBuffers;
      const stands = held === before;
      before = held;
      return stands;
    },
    { intervalMs: 100 },
  );
  expect(memory.most()).toBeLessThan(Math.min(MAX_GROWTH, LENGTH));
  session.destroy();
  await eventually(() => expect(gateway.path.ingress.counters.active).toBe(0));
});
