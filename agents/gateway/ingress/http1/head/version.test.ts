import { minorVersionAt, numberAt } from './version.ts';

test.each([
  ['HTTP/1.1', 1],
  ['HTTP/1.0', 0],
  ['HTTP/1.2', undefined],
  ['HTTP/1./', undefined],
  ['HTTP/2.0', undefined],
  ['http/1.1', undefined],
  ['HTTP/1.', undefined],
  ['', undefined],
])('the minor version of %j is %p', (text, minor) => {
  expect(minorVersionAt(Buffer.from(`.${text}`), 1)).toBe(minor);
});

test.each([
  ['200', 200],
  ['007', 7],
  ['2x0', Number.NaN],
  ['20:', Number.NaN],
  ['+20', Number.NaN],
  ['20', Number.NaN],
])('the number of three digits in %j is %p', (text, number) => {
  expect(numberAt(Buffer.from(`.${text}`), 1, 3)).toBe(number);
});
