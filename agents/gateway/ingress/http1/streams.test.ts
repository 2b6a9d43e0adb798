import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { get, head, post } from '../../../../test/corpus/http/message.ts';
import { eventually } from '../../../../test/support/eventually.ts';
import { type Edge, startEdge, startRaw, upstreamAt } from '../../../../test/support/http-edge.ts';
import { Line } from '../../../../test/support/http-line.ts';
import { watchBuffers } from '../../../../test/support/rpc-heap.ts';

const MIB = 1024 * 1024;
const SCALE = Number(process.env.PEERCOMPUTE_TEST_SCALE ?? 1);

/** Bytes of each stream; 1 GiB with a scale of 4. */
const LENGTH = 256 * SCALE * MIB;
const PART = Buffer.alloc(64 * 1024, 'x');

/** What the edge, its client and its container may hold together, however long a stream is. */
const MAX_GROWTH = 128 * MIB;

/** What waits between two ends of which one takes nothing: a few stream buffers, and the part that filled them. */
const MAX_WAITING = MIB;

describe('G5 in memory', () => {
  let line: Line;
  beforeEach(() => {
    line = new Line({ maxBodyBytes: LENGTH });
  });
  afterEach(() => line.stop());

  it('a container that takes nothing stops its client', async () => {
    await line.ask(post([`Content-Length: ${8 * MIB}`]));
    line.container.stream.pause();
    for (let part = 0; part < 128; part++) line.client.stream.write(PART);
    await line.clock.settle();
    expect(line.client.stream.writableLength).toBeGreaterThan(8 * MIB - MAX_WAITING);
    line.container.stream.resume();
    await eventually(() => line.client.stream.writableLength === 0);
  });

  it('a client that takes nothing stops its container', async () => {
    await line.ask(get());
    line.client.stream.pause();
    line.container.send(head('HTTP/1.1 200 OK', `Content-Length: ${8 * MIB}`));
    for (let part = 0; part < 128; part++) line.container.stream.write(PART);
    await line.clock.settle();
    expect(line.container.stream.writableLength).toBeGreaterThan(8 * MIB - MAX_WAITING);
    line.client.stream.resume();
    await eventually(() => line.container.stream.writableLength === 0);
  });

  it('a client that takes nothing is asked nothing more', async () => {
    await line.ask(get());
    line.client.stream.pause();
    await line.answer(head('HTTP/1.1 200 OK', `Content-Length: ${MIB}`) + 'x'.repeat(MIB));
    await line.ask(get('X: second').repeat(100));
    expect(line.counters.requests).toBe(1);
    line.client.stream.resume();
    await line.clock.settle();
    expect(line.counters.requests).toBe(2);
  });
});

describe(`G5 over TCP, ${LENGTH / MIB} MiB`, () => {
  let container: Awaited<ReturnType<typeof startRaw>>;
  let edge: Edge;
  let handle: (socket: Socket) => void;
  let memory: Awaited<ReturnType<typeof watchBuffers>>;

  beforeAll(async () => {
    container = await startRaw((socket) => handle(socket));
    edge = await startEdge({ route: () => upstreamAt(container.port), maxBodyBytes: 2 * LENGTH });
  });
  afterAll(async () => {
    await edge.close();
    await container.close();
  });
  beforeEach(async () => {
    memory = await watchBuffers(MAX_GROWTH);
  });
  afterEach(() => memory.stop());

  it(
    'goes down whole, and memory stays flat',
    async () => {
      handle = (socket) => {
        socket.once('data', () => {
          socket.write(head('HTTP/1.1 200 OK', `Content-Length: ${LENGTH}`));
          void pump(socket, LENGTH);
        });
      };
      const client = connect(edge.port, '127.0.0.1');
      client.write(get());
      expect(await count(client, LENGTH)).toBeGreaterThanOrEqual(LENGTH);
      client.destroy();
      expect(memory.most()).toBeLessThan(MAX_GROWTH);
    },
    30_000 * SCALE,
  );

  it(
    'goes up whole, and memory stays flat',
    async () => {
      const got = Promise.withResolvers<number>();
      handle = (socket) => void count(socket, LENGTH).then(got.resolve);
      const client = connect(edge.port, '127.0.0.1');
      client.write(post([`Content-Length: ${LENGTH}`]));
      void pump(client, LENGTH);
      expect(await got.promise).toBeGreaterThanOrEqual(LENGTH);
      client.destroy();
      expect(memory.most()).toBeLessThan(MAX_GROWTH);
    },
    30_000 * SCALE,
  );
});

/** Writes so many bytes as fast as they are taken. */
async function pump(socket: Socket, length: number): Promise<void> {
  for (let sent = 0; sent < length; sent += PART.length) if (!socket.write(PART)) await once(socket, 'drain');
}

/** Reads at least so many bytes. */
async function count(socket: Socket, length: number): Promise<number> {
  let read = 0;
  const enough = Promise.withResolvers<void>();
  socket.on('data', (part: Buffer) => {
    read += part.length;
    if (read >= length) enough.resolve();
  });
  await enough.promise;
  return read;
}
