import fc from 'fast-check';
import { MAX_JSON_DEPTH } from '../../../api/protocol/limits.ts';
import { decodeJson, encodeJson } from './json.ts';

const nested = (depth: number) => Buffer.from('['.repeat(depth) + ']'.repeat(depth));

describe('decodeJson', () => {
  it('is the inverse of encodeJson', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 10 }), (value) => {
        expect(decodeJson(encodeJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  it('takes what is as deep as allowed and nothing deeper', () => {
    expect(decodeJson(nested(MAX_JSON_DEPTH))).toBeDefined();
    expect(() => decodeJson(nested(MAX_JSON_DEPTH + 1))).toThrow(RangeError);
    expect(() => decodeJson(nested(500_000))).toThrow(RangeError);
  });

  it('does not count brackets in text', () => {
    const text = `${'[{'.repeat(200)}"\\`;
    expect(decodeJson(encodeJson({ text, more: [text] }))).toEqual({ text, more: [text] });
  });

  it('refuses what is not UTF-8', () => {
    expect(() => decodeJson(Uint8Array.of(0x22, 0xc3, 0x22))).toThrow('not valid');
  });
});
