import fc from 'fast-check';
import { FrameGuard } from './frame-guard.ts';

const MAX = 1000;

interface Frame {
  type: number;
  length: number;
}

const frame = fc.record({ type: fc.constantFrom(0, 1, 2, 3), length: fc.nat({ max: MAX }) });

/** Only data frames are followed by as many bytes as they announce. */
function encode({ type, length }: Frame): Buffer {
  const header = Buffer.alloc(12, 0xff);
  header[1] = type;
  header.writeUInt32BE(length, 8);
  return Buffer.concat([header, Buffer.alloc(type === 0 ? length : 0, 0xff)]);
}

function split(bytes: Buffer, sizes: number[]): Buffer[] {
  const pieces: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const size = sizes[pieces.length % sizes.length] ?? 1;
    pieces.push(bytes.subarray(at, at + size));
    at += size;
  }
  return pieces;
}

const sizes = fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 10 });

test('lets every honest sequence of frames pass, however it is cut', () => {
  fc.assert(
    fc.property(fc.array(frame), sizes, (frames, cuts) => {
      const guard = new FrameGuard({ maxBytes: MAX });
      const pieces = split(Buffer.concat(frames.map(encode)), cuts);
      expect(pieces.every((piece) => guard.accepts(piece))).toBe(true);
    }),
  );
});

test('refuses a data frame that is too large as soon as its header is there', () => {
  fc.assert(
    fc.property(
      fc.array(frame),
      sizes,
      fc.integer({ min: MAX + 1, max: 2 ** 32 - 1 }),
      (frames, cuts, length) => {
        const guard = new FrameGuard({ maxBytes: MAX });
        const header = encode({ type: 1, length });
        header[1] = 0;
        const pieces = split(Buffer.concat([...frames.map(encode), header]), cuts);
        const answers = pieces.map((piece) => guard.accepts(piece));
        expect(answers).toEqual([...answers.slice(0, -1).fill(true), false]);
      },
    ),
  );
});

test('takes any number in other frames: there it is no length', () => {
  const guard = new FrameGuard({ maxBytes: MAX });
  expect(guard.accepts(encode({ type: 2, length: 2 ** 32 - 1 }))).toBe(true);
});
