import fc from 'fast-check';
import { oneLine, visible } from './escape.ts';

/** What a terminal would act on, or would not show. */
const DANGEROUS = /[\p{Cc}\p{Cs}\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/u;

describe('oneLine', () => {
  it.each([
    ['colours and cursor movements', '\x1b[31mred\x1b[2J', '\\e[31mred\\e[2J'],
    ['line breaks', 'a\r\nb', 'a\\r\\nb'],
    ['the C1 form of an escape', '\x9b31m', '\\x9b31m'],
    ['what turns the direction of text', 'a\u202egpj.exe', 'a\\u202egpj.exe'],
    ['what has no width', 'pay\u200bpal', 'pay\\u200bpal'],
    ['tags', 'a\u{e0041}', 'a\\u{e0041}'],
    ['half a surrogate pair', 'a\ud800', 'a\\ud800'],
  ])('writes out %s', (_, text, shown) => {
    expect(oneLine(text)).toBe(shown);
  });

  it('leaves other languages and emoji as they are', () => {
    expect(oneLine('Größe 東京 🚀')).toBe('Größe 東京 🚀');
  });

  it('lets nothing dangerous through', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => !DANGEROUS.test(oneLine(text))));
  });
});

describe('visible', () => {
  it('keeps the lines and tabs of a text, and nothing else that moves a cursor', () => {
    expect(visible('a\tb\nc\rd\x1b')).toBe('a\tb\nc\\rd\\e');
  });
});
