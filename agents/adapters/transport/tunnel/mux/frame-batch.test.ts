import { decodeAll } from '../../../../../test/support/tunnel-frames.ts';
import { FrameBatch } from './frame-batch.ts';
import { FrameType, MAX_DATA_BYTES } from './frames.ts';

test('what is put into a batch comes out of a decoder', () => {
  const batch = new FrameBatch();
  batch.control(FrameType.open, 7, Buffer.from('web'));
  batch.data(7, Buffer.from('small'));
  batch.data(8, Buffer.alloc(MAX_DATA_BYTES, 'x'));
  batch.numbers(FrameType.credit, 2 ** 32 - 1, 2 ** 31 - 1);
  batch.numbers(FrameType.pong, 0, 1, 2 ** 32 - 1);
  batch.control(FrameType.end, 7);
  const { bytes } = batch;
  const parts = batch.take();
  expect(parts.reduce((sum, part) => sum + part.length, 0)).toBe(bytes);
  expect(decodeAll(parts).map(({ type, streamID, payload }) => [type, streamID, payload.length])).toEqual([
    [FrameType.open, 7, 3],
    [FrameType.data, 7, 5],
    [FrameType.data, 8, MAX_DATA_BYTES],
    [FrameType.credit, 2 ** 32 - 1, 4],
    [FrameType.pong, 0, 8],
    [FrameType.end, 7, 0],
  ]);
});

test('small frames make one part, large data is not copied', () => {
  const batch = new FrameBatch();
  for (let count = 0; count < 100; count++) batch.data(1, Buffer.alloc(200));
  expect(batch.take()).toHaveLength(1);
  const large = Buffer.alloc(MAX_DATA_BYTES);
  batch.data(1, large);
  expect(batch.take()[1]).toBe(large);
});

test('what was taken does not change any more, however much is written after it', () => {
  const batch = new FrameBatch();
  batch.data(1, Buffer.from('first'));
  const taken = Buffer.concat(batch.take());
  const parts = Array.from({ length: 1_000 }, (_, index) => {
    batch.data(index + 2, Buffer.alloc(1_000, index));
    return batch.take();
  });
  expect(decodeAll([taken]).map(({ payload }) => payload.toString())).toEqual(['first']);
  const seen = decodeAll(parts.flat());
  expect(seen.every(({ payload }, index) => payload.equals(Buffer.alloc(1_000, index)))).toBe(true);
  expect(batch.bytes).toBe(0);
  expect(batch.take()).toEqual([]);
});
