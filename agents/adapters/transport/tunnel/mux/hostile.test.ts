import { FakeClock } from '../../../../../test/support/fake-clock.ts';
import { decodeAll, frame, number, type SeenFrame } from '../../../../../test/support/tunnel-frames.ts';
import { type MemoryPipe, memoryPipes } from '../../../../../test/support/tunnel-pipe.ts';
import { defaultLimits, type Limits } from '../limits.ts';
import type { IncomingStream } from '../tunnel.ts';
import { FrameType as Type } from './frames.ts';
import { Mux } from './mux.ts';

const KiB = 1024;

/** A multiplexer, and the raw end of its pipe. */
interface World {
  mux: Mux;
  clock: FakeClock;
  pipe: MemoryPipe;
  incoming: IncomingStream[];
  send(...frames: Buffer[]): Promise<void>;
  /** What the multiplexer has written so far. */
  frames(): SeenFrame[];
}

function world(role: 'opener' | 'answerer', limits: Partial<Limits> = {}): World {
  const clock = new FakeClock();
  const [pipe, far] = memoryPipes();
  const incoming: IncomingStream[] = [];
  const onStream = role === 'answerer' ? (stream: IncomingStream) => void incoming.push(stream) : undefined;
  const init = { peerID: 'peer', onStream, limits: { ...defaultLimits, ...limits } };
  const mux = new Mux({ pipe: far, clock }, init);
  const chunks: Buffer[] = [];
  pipe.start({ data: (bytes) => void chunks.push(bytes), drain: () => {}, closed: () => {} });
  mux.start();
  const send = async (...frames: Buffer[]) => {
    pipe.write(frames);
    await clock.settle();
  };
  return { mux, clock, pipe, incoming, send, frames: () => decodeAll(chunks) };
}

const open = (id: number) => frame(Type.open, id);
const data = (id: number, bytes = 1) => frame(Type.data, id, new Uint8Array(bytes));
const credit = (id: number, bytes: number) => frame(Type.credit, id, number(bytes));
const end = (id: number) => frame(Type.end, id);
const reset = (id: number) => frame(Type.reset, id, Uint8Array.of(0));
const ping = frame(Type.ping, 0, number(1));

describe('an opener', () => {
  test.each<[string, Buffer[]]>([
    ['of unknown type', [frame(99, 0)]],
    ['for a stream that was never opened', [data(1)]],
    ['for stream 0', [open(1), data(0)]],
    ['that opens a stream twice', [open(1), open(1)]],
    ['that opens an older stream', [open(5), open(4)]],
    ['that accepts its own stream', [open(1), frame(Type.accept, 1)]],
    ['that gives no credit', [open(1), credit(1, 0)]],
    ['that gives more credit than can be', [open(1), credit(1, 2 ** 31 - 1)]],
    ['of data beyond its credit', [open(1), data(1, 16_000), data(1, 1_000)]],
    ['of data after its end', [open(1), end(1), data(1)]],
    ['that ends a stream twice', [open(1), end(1), end(1)]],
    ['that answers no ping', [frame(Type.pong, 0, Buffer.alloc(8, 0xff))]],
  ])('loses the tunnel by a frame %s', async (_, frames) => {
    const { mux, clock, send } = world('answerer');
    await send(...frames);
    expect(await mux.closed).toMatchObject({ reason: 'ProtocolError' });
    expect(mux.streams).toBe(0);
    expect(clock.pending).toBe(0);
  });

  test('that floods us with frames loses the tunnel', async () => {
    const { mux, clock, send } = world('answerer');
    const many = Buffer.concat(Array.from({ length: 50_000 }, () => ping));
    await send(many);
    await clock.advance(1_000);
    await send(many);
    expect(mux.streams).toBe(0);
    await send(many);
    expect(await mux.closed).toMatchObject({ message: expect.stringContaining('too many frames') });
  });

  test('that asks without reading the answers loses the tunnel', async () => {
    const { mux, pipe, clock, send } = world('answerer', { framesPerSecond: 1e9, burstFrames: 1e9 });
    pipe.holdAnswers(true);
    const many = Buffer.concat(Array.from({ length: 50_000 }, () => ping));
    for (let count = 0; count < 8; count++) await send(many);
    await clock.settle();
    expect(await mux.closed).toMatchObject({ message: expect.stringContaining('does not read') });
  });

  test('that opens more than it may is turned away, and what it has goes on', async () => {
    const { mux, incoming, send, frames } = world('answerer', { maxStreams: 3 });
    await send(...[1, 2, 3, 4, 5].map(open));
    expect([incoming.length, mux.streams]).toEqual([3, 3]);
    expect(resets(frames())).toEqual([
      [4, 4],
      [5, 4],
    ]);
    await send(data(4), end(5), reset(1), open(6));
    expect([incoming.length, mux.streams]).toEqual([4, 3]);
  });

  test('G7 that opens and resets without end costs us little, and others nothing', async () => {
    const { mux, clock, incoming, send } = world('answerer', { burstResets: 100, resetsPerSecond: 10 });
    await send(open(1));
    incoming[0]?.accept();
    const rapid = (from: number) =>
      Array.from({ length: 1_000 }, (_, index) => [open(from + index), reset(from + index)]).flat();
    await send(...rapid(2));
    expect(incoming).toHaveLength(101);
    await clock.advance(1_000);
    await send(...rapid(2_000));
    expect(incoming.length).toBeLessThan(115);
    expect(mux.streams).toBe(1);
  });

  test('may speak of a stream that we have just broken off', async () => {
    const { mux, incoming, send, frames } = world('answerer');
    await send(open(1));
    incoming[0]?.refuse('NoRoute');
    await send(data(1, 16_000), data(1, 16_000), credit(1, 5), end(1), reset(1));
    expect(resets(frames())).toEqual([[1, 1]]);
    await send(open(2));
    expect([mux.streams, incoming.length]).toEqual([1, 2]);
  });

  test('gets no credit before its stream was accepted', async () => {
    const { incoming, send, frames } = world('answerer');
    await send(open(1), data(1, 16_000));
    expect(frames().map(({ type }) => type)).toEqual([Type.ping]);
    incoming[0]?.accept();
    await send();
    expect(frames().map(({ type }) => type)).toEqual([Type.ping, Type.accept, Type.credit]);
  });

  test('that broke off meanwhile hears nothing of an answer', async () => {
    const { incoming, send, frames } = world('answerer');
    await send(open(1), reset(1));
    expect(incoming[0]?.accept().destroyed).toBe(true);
    incoming[0]?.refuse('NotReady');
    await send();
    expect(frames().map(({ type }) => type)).toEqual([Type.ping]);
  });
});

describe('an answerer', () => {
  test.each<[string, Buffer[]]>([
    ['that opens a stream', [open(1)]],
    ['for a stream that was never opened', [frame(Type.accept, 2)]],
    ['that accepts twice', [frame(Type.accept, 1), frame(Type.accept, 1)]],
    ['of data before it accepted', [data(1)]],
    ['of credit before it accepted', [credit(1, 1)]],
    ['that ends before it accepted', [end(1)]],
    [
      'of data beyond its credit',
      [frame(Type.accept, 1), ...Array.from({ length: 17 }, () => data(1, 16_000))],
    ],
  ])('loses the tunnel by a frame %s', async (_, frames) => {
    const { mux, send } = world('opener');
    const stream = mux.open(new Uint8Array());
    const failed = new Promise((resolve) => stream.once('error', resolve));
    await send(...frames);
    expect(await mux.closed).toMatchObject({ reason: 'ProtocolError' });
    expect(await failed).toMatchObject({ reason: 'ProtocolError' });
  });

  test('gets no more than 16 KiB of a stream before it has given credit', async () => {
    const { mux, send, frames } = world('opener');
    mux.open(new Uint8Array()).write(Buffer.alloc(1024 * KiB));
    await send();
    const sent = () =>
      frames().reduce((sum, { type, payload }) => sum + (type === Type.data ? payload.length : 0), 0);
    expect(sent()).toBe(16 * KiB);
    await send(frame(Type.accept, 1), credit(1, 1));
    expect(sent()).toBe(16 * KiB + 1);
  });

  test('with a reason that a newer version knows has failed, no more', async () => {
    const { mux, send } = world('opener');
    const stream = mux.open(new Uint8Array());
    const failed = new Promise((resolve) => stream.once('error', resolve));
    await send(frame(Type.reset, 1, Uint8Array.of(77)));
    expect(await failed).toMatchObject({ reason: 'InternalError' });
    expect(mux.streams).toBe(0);
  });
});

test('a listener of a stream that throws ends the tunnel, and is heard of', async () => {
  const { mux, clock, incoming, pipe, send } = world('answerer');
  await send(open(1));
  incoming[0]?.accept().on('data', () => {
    throw new Error('a mistake');
  });
  await clock.settle();
  expect(() => pipe.deliverNow(data(1))).toThrow('a mistake');
  expect(await mux.closed).toMatchObject({ reason: 'TunnelLost' });
});

test('G1 a tunnel on which nothing is heard is given up after 12 s', async () => {
  const { mux, clock, frames } = world('answerer');
  await clock.advance(11_999);
  expect(frames().filter(({ type }) => type === Type.ping)).toHaveLength(3);
  let closed = false;
  void mux.closed.then(() => {
    closed = true;
  });
  await clock.settle();
  expect(closed).toBe(false);
  await clock.advance(1);
  expect(await mux.closed).toMatchObject({ reason: 'TunnelLost' });
});

/** Streams that were reset, and by which code. */
function resets(frames: SeenFrame[]): [streamID: number, code: number][] {
  return frames.flatMap(({ type, streamID, payload }) =>
    type === Type.reset ? [[streamID, payload[0] ?? -1]] : [],
  );
}
