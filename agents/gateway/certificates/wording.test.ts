import { foreign, timeOf } from './wording.ts';

describe('words of another machine', () => {
  it.each([
    ['all is well', 'all is well'],
    ['\x1b[31mred\r\n', '\\u{1b}[31mred\\u{d}\\u{a}'],
    ['abc\u202ecba\u200b', 'abc\\u{202e}cba\\u{200b}'],
    ['\ud800', '\\u{d800}'],
    ['Zürich', 'Zürich'],
  ])('are made harmless: %j', (text, shown) => {
    expect(foreign(text)).toBe(shown);
  });

  it('are cut where nobody reads on', () => {
    expect(foreign('x'.repeat(5000))).toBe(`${'x'.repeat(300)}...`);
  });
});

it('a time is told in seconds, in UTC', () => {
  expect(timeOf(Date.UTC(2030, 0, 2, 3, 4, 5, 678))).toBe('2030-01-02T03:04:05Z');
});
