import fc from 'fast-check';
import { RuntimeError } from '../../../../../controllers/ports/runtime.ts';
import { jsonLines } from './json-lines.ts';

async function* stream(...chunks: (string | Uint8Array)[]): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) yield Buffer.from(chunk);
}

async function read(chunks: AsyncIterable<Uint8Array>): Promise<unknown[]> {
  const values: unknown[] = [];
  for await (const value of jsonLines(chunks)) values.push(value);
  return values;
}

describe('jsonLines', () => {
  it('reads values wherever the stream is cut', async () => {
    const values = fc.array(fc.record({ text: fc.string({ unit: 'grapheme' }) }));
    await fc.assert(
      fc.asyncProperty(values, fc.nat(200), async (written, at) => {
        const bytes = Buffer.from(written.map((value) => `${JSON.stringify(value)}\r\n`).join(''));
        expect(await read(stream(bytes.subarray(0, at), bytes.subarray(at)))).toEqual(written);
      }),
    );
  });

  it('reads a last line without its end', async () => {
    expect(await read(stream('{"a":1}\n{"b":2}'))).toEqual([{ a: 1 }, { b: 2 }]);
  });

  it.each([
    ['not JSON', stream('<html>\n')],
    ['without end', stream(Buffer.alloc(1024 * 1024 + 1, '1'))],
  ])('rejects a line %s', async (_, chunks) => {
    await expect(read(chunks)).rejects.toThrow(RuntimeError);
  });
});
