import fc from 'fast-check';
import { decodeAll, frame, number } from '../../../../../test/support/tunnel-frames.ts';
import { FrameType, MAX_DATA_BYTES, MAX_OPEN_BYTES } from './frames.ts';

const id = fc.integer({ min: 1, max: 2 ** 32 - 1 });
const small = fc.oneof(
  fc.tuple(fc.constant(FrameType.open), id, fc.uint8Array({ maxLength: MAX_OPEN_BYTES, size: 'max' })),
  fc.tuple(fc.constantFrom(FrameType.accept, FrameType.end), id, fc.constant(new Uint8Array())),
  fc.tuple(fc.constant(FrameType.credit), id, fc.uint8Array({ minLength: 4, maxLength: 4 })),
  fc.tuple(fc.constant(FrameType.pong), id, fc.uint8Array({ minLength: 8, maxLength: 8 })),
  fc.tuple(fc.constant(FrameType.data), id, fc.uint8Array({ minLength: 1, maxLength: 3_000, size: 'max' })),
);

type Frame = [type: number, streamID: number, payload: Uint8Array];

/** Data frames of one stream that follow each other look like one, however they were cut. */
function joined(frames: readonly Frame[]): Frame[] {
  const all: Frame[] = [];
  for (const [type, streamID, payload] of frames) {
    const last = all.at(-1);
    const goesOn = type === FrameType.data && last?.[0] === type && last[1] === streamID;
    if (goesOn) last[2] = Buffer.concat([last[2], payload]);
    else all.push([type, streamID, payload]);
  }
  return all;
}

test('it reads what was written, however the bytes are cut', () => {
  const cuts = fc.array(fc.integer({ min: 1, max: 5_000 }), { minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(fc.array(small, { maxLength: 12 }), cuts, (frames, lengths) => {
      const bytes = Buffer.concat(frames.map(([type, streamID, payload]) => frame(type, streamID, payload)));
      const chunks: Buffer[] = [];
      for (let at = 0, cut = 0; at < bytes.length; cut++) {
        const length = lengths[cut % lengths.length] ?? 1;
        chunks.push(bytes.subarray(at, at + length));
        at += length;
      }
      const seen = decodeAll(chunks).map(({ type, streamID, payload }) => frame(type, streamID, payload));
      const sent = joined(frames).map(([type, streamID, payload]) => frame(type, streamID, payload));
      expect(Buffer.compare(Buffer.concat(seen), Buffer.concat(sent))).toBe(0);
    }),
  );
});

test('it takes the largest frames', () => {
  const chunks = [
    frame(FrameType.open, 1, new Uint8Array(MAX_OPEN_BYTES)),
    frame(FrameType.data, 1, new Uint8Array(MAX_DATA_BYTES)),
  ];
  expect(decodeAll(chunks).map(({ payload }) => payload.length)).toEqual([MAX_OPEN_BYTES, MAX_DATA_BYTES]);
});

test.each([
  ['of unknown type 0', frame(0, 1)],
  ['of unknown type 9', frame(9, 1)],
  ['of unknown type 255', frame(255, 1)],
  ['with a header that is too long', frame(FrameType.open, 1, new Uint8Array(MAX_OPEN_BYTES + 1))],
  ['with more data than a frame may have', frame(FrameType.data, 1, new Uint8Array(), MAX_DATA_BYTES + 1)],
  ['of data without data', frame(FrameType.data, 1)],
  ['that accepts with a payload', frame(FrameType.accept, 1, number(1))],
  ['that ends with a payload', frame(FrameType.end, 1, number(1))],
  ['of credit without a number', frame(FrameType.credit, 1)],
  ['of credit with half a number', frame(FrameType.credit, 1, new Uint8Array(2))],
  ['that resets without a reason', frame(FrameType.reset, 1)],
  ['of a ping with a long number', frame(FrameType.ping, 0, new Uint8Array(8))],
  ['of a pong without a time', frame(FrameType.pong, 0, number(1))],
])('it refuses a frame %s as soon as it has seen its header', (_, bytes) => {
  expect(() => decodeAll([bytes.subarray(0, 8)])).toThrow(
    expect.objectContaining({ reason: 'ProtocolError' }),
  );
  const bytewise = [...bytes.subarray(0, 8)].map((byte) => Buffer.of(byte));
  expect(() => decodeAll(bytewise)).toThrow(expect.objectContaining({ reason: 'ProtocolError' }));
});
