import fc from 'fast-check';
import { demultiplex } from './logs.ts';

function frame(type: number, text: string): Buffer {
  const payload = Buffer.from(text);
  const header = Buffer.alloc(8);
  header.writeUInt8(type, 0);
  header.writeUInt32BE(payload.length, 4);
  return Buffer.concat([header, payload]);
}

async function* cut(bytes: Buffer, lengths: readonly number[]): AsyncGenerator<Buffer> {
  let offset = 0;
  for (const length of lengths) {
    yield bytes.subarray(offset, offset + length);
    offset += length;
  }
  yield bytes.subarray(offset);
}

async function demultiplexed(chunks: AsyncIterable<Buffer>): Promise<[number, string][]> {
  const frames: [number, string][] = [];
  for await (const { type, payload } of demultiplex(chunks)) frames.push([type, payload.toString()]);
  return frames;
}

describe('demultiplex', () => {
  it('finds the frames wherever the stream is cut', async () => {
    const frames = fc.array(fc.tuple(fc.constantFrom(1, 2), fc.string({ unit: 'grapheme' })));
    await fc.assert(
      fc.asyncProperty(frames, fc.array(fc.nat(30)), async (written, lengths) => {
        const bytes = Buffer.concat(written.map(([type, text]) => frame(type, text)));
        expect(await demultiplexed(cut(bytes, lengths))).toEqual(written);
      }),
    );
  });

  it('leaves out a frame that never ended', async () => {
    const bytes = Buffer.concat([frame(1, 'whole'), frame(1, 'half').subarray(0, 10)]);
    expect(await demultiplexed(cut(bytes, []))).toEqual([[1, 'whole']]);
  });

  it('collects no frame of a length that no line has', async () => {
    const header = Buffer.from([1, 0, 0, 0, 0xff, 0xff, 0xff, 0xff]);
    await expect(demultiplexed(cut(header, []))).rejects.toThrow('announced a log line of 4294967295 bytes');
  });
});
