import fc from 'fast-check';
import { decodeChecked, encodeChecked } from './checked-json.ts';

describe('checked JSON', () => {
  it('decodes what it has encoded', () => {
    const property = fc.property(fc.jsonValue(), (value) => {
      expect(JSON.stringify(decodeChecked(encodeChecked(value)))).toBe(JSON.stringify(value));
    });
    fc.assert(property, { numRuns: 1000 });
  });

  it('is JSON for everyone else too', () => {
    expect(JSON.parse(encodeChecked({ a: 'ü' }))).toMatchObject({ data: { a: 'ü' } });
  });

  it('notices any flipped bit', () => {
    const property = fc.property(fc.jsonValue(), fc.nat(), fc.nat(7), (value, at, bit) => {
      const bytes = Buffer.from(encodeChecked(value));
      bytes[at % bytes.length] = (bytes[at % bytes.length] ?? 0) ^ (1 << bit);
      expect(decodeChecked(bytes.toString())).toBeUndefined();
    });
    fc.assert(property, { numRuns: 1000 });
  });

  it('notices any missing end', () => {
    const text = encodeChecked({ a: [1, 2, 3] });
    for (let length = 0; length < text.length; length++)
      expect(decodeChecked(text.slice(0, length))).toBeUndefined();
  });
});
