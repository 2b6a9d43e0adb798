import { added, get, gets, type HttpCase, head, SECOND, SECOND_FORWARDED } from './message.ts';

const KIB = 1024;
const many = (count: number) => Array.from({ length: count }, (_, index) => `X-${index}: a`);
const target = (length: number) => `/${'a'.repeat(length - 1)}`;
const line = (length: number) => `GET ${target(length)} HTTP/1.1`;

/** Sizes, and many requests at once. */
export const LIMITS: readonly HttpCase[] = [
  ['100 headers', get(...many(99)), [gets(many(99))]],
  ['101 headers', get(...many(100)), 431],
  ['10,000 headers', get(...many(10_000)), 431],
  [
    'a head of 16 KiB',
    get(`X: ${'a'.repeat(16 * KIB - get('X: ').length)}`),
    [gets([`X: ${'a'.repeat(16 * KIB - get('X: ').length)}`])],
  ],
  ['a head of 16 KiB and a byte', get(`X: ${'a'.repeat(16 * KIB - get('X: ').length + 1)}`), 431],
  ['a value of 1 MiB', get(`X: ${'a'.repeat(KIB * KIB)}`), 431],
  ['a name of 1 MiB', get(`${'a'.repeat(KIB * KIB)}: a`), 431],
  [
    'a target of 8 KiB',
    head(line(8 * KIB), 'Host: web.example.com'),
    [head(line(8 * KIB), 'Host: web.example.com', ...added())],
  ],
  ['a target of 8 KiB and a byte', head(line(8 * KIB + 1), 'Host: web.example.com'), 414],
  ['a target of 1 MiB', head(line(KIB * KIB), 'Host: web.example.com'), 414],
  ['a method of 1 MiB', head(`${'A'.repeat(KIB * KIB)} / HTTP/1.1`, 'Host: web.example.com'), 414],
  // Many at once.
  ['two requests', SECOND + SECOND, [SECOND_FORWARDED, SECOND_FORWARDED]],
  ['100 requests', SECOND.repeat(100), Array<string>(100).fill(SECOND_FORWARDED)],
  ['a request behind a bad one', get('X : a') + SECOND, 400],
  [
    'a bad request behind a good one',
    `${SECOND}GET //evil.example/ HTTP/1.1\r\nHost: a\r\n\r\n${SECOND}`,
    [SECOND_FORWARDED],
  ],
  ['half a request behind a good one', SECOND + SECOND.slice(0, 20), [SECOND_FORWARDED]],
];
