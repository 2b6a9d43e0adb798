import { FakeClock } from '../../../../../test/support/fake-clock.ts';
import { decodeAll } from '../../../../../test/support/tunnel-frames.ts';
import { Flight } from './flight.ts';
import { FrameType, MAX_DATA_BYTES } from './frames.ts';
import { Sender, type Source } from './sender.ts';

const KiB = 1024;

/** Has so many frames to send, each of `bytes`. */
function source(streamID: number, frames: number, bytes = MAX_DATA_BYTES): Source {
  let left = frames;
  return {
    send: (batch) => {
      batch.data(streamID, Buffer.alloc(bytes));
      left -= 1;
      return left > 0;
    },
  };
}

function setup() {
  const clock = new FakeClock();
  const flight = new Flight({ clock });
  const parts: Buffer[] = [];
  const state = { full: false, stuck: false, writes: 0 };
  const pipe = {
    start: () => {},
    end: () => {},
    destroy: () => {},
    write: (more: readonly Buffer[]) => {
      parts.push(...more);
      state.writes += 1;
      return !state.full;
    },
  };
  const onStuck = () => {
    state.stuck = true;
  };
  const sender = new Sender({ pipe, flight, clock, onStuck });
  /** What was written since the last look. */
  const frames = () => decodeAll(parts.splice(0));
  /** The streams whose data was written since the last look, in order. */
  const streams = () => frames().flatMap(({ type, streamID }) => (type === FrameType.data ? [streamID] : []));
  return { clock, flight, sender, state, frames, streams };
}

test('all of a turn goes in one write', async () => {
  const { clock, sender, state, streams } = setup();
  for (const id of [1, 2, 3]) sender.ready(source(id, 1, 100));
  sender.control(FrameType.end, 4);
  await clock.settle();
  expect(state.writes).toBe(1);
  expect(streams()).toEqual([1, 2, 3]);
});

test('streams take turns, a frame each', async () => {
  const { clock, sender, streams } = setup();
  for (const id of [1, 2]) sender.ready(source(id, 3, 5 * KiB));
  await clock.settle();
  expect(streams()).toEqual([1, 2, 1, 2, 1, 2]);
});

test('what is said after a silence goes before what others have queued', async () => {
  const { clock, flight, sender, streams, frames } = setup();
  for (const id of [1, 2]) sender.ready(source(id, 100));
  await clock.settle();
  expect(streams()).toEqual([1, 2, 1, 2]);
  sender.ready(source(3, 1, 100));
  await clock.settle();
  expect(frames()).toEqual([]);
  flight.answered(1, 0);
  sender.resume();
  await clock.settle();
  expect(streams()[0]).toBe(3);
});

test('no more is under way than the path carries, until a pong makes room', async () => {
  const { clock, flight, sender, frames } = setup();
  sender.ready(source(1, 100));
  await clock.settle();
  const first = frames();
  const sent = first.filter(({ type }) => type === FrameType.data).length * 16 * KiB;
  expect(sent).toBeGreaterThanOrEqual(64 * KiB);
  expect(sent).toBeLessThan(96 * KiB);
  const pings = first.filter(({ type }) => type === FrameType.ping);
  expect(pings.length).toBeGreaterThan(3);
  await clock.settle();
  expect(frames()).toEqual([]);
  flight.answered(pings.at(-1)?.payload.readUInt32BE() ?? 0, 0);
  sender.resume();
  await clock.settle();
  expect(frames().length).toBeGreaterThan(3);
});

test('control frames wait for no pong', async () => {
  const { clock, sender, frames } = setup();
  sender.ready(source(1, 100));
  await clock.settle();
  frames();
  sender.numbers(FrameType.pong, 0, 1, 2);
  await clock.settle();
  expect(frames()).toMatchObject([{ type: FrameType.pong }]);
});

test('nothing is written to a pipe that is full, until it has room again', async () => {
  const { clock, sender, state, streams, frames } = setup();
  state.full = true;
  sender.ready(source(1, 1, 100));
  await clock.settle();
  expect(streams()).toEqual([1]);
  sender.ready(source(2, 1, 100));
  sender.control(FrameType.end, 3);
  await clock.settle();
  expect(frames()).toEqual([]);
  sender.drained();
  expect(streams()).toEqual([2]);
});

test('a peer that reads nothing of what it causes is given up', async () => {
  const { clock, sender, state } = setup();
  state.full = true;
  sender.control(FrameType.end, 1);
  await clock.settle();
  for (let count = 0; count < 200_000; count++) sender.numbers(FrameType.pong, 0, count, 0);
  await clock.settle();
  expect(state.stuck).toBe(false);
  for (let count = 0; count < 100_000; count++) sender.numbers(FrameType.pong, 0, count, 0);
  await clock.settle();
  expect(state.stuck).toBe(true);
});

test('closing writes the control frames that wait, and nothing after that', async () => {
  const { clock, sender, frames } = setup();
  sender.ready(source(1, 1));
  sender.control(FrameType.reset, 2, Uint8Array.of(0));
  sender.close();
  sender.control(FrameType.end, 3);
  await clock.settle();
  expect(frames()).toMatchObject([{ type: FrameType.reset, streamID: 2 }]);
});
