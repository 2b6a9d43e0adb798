import { get, head } from './message.ts';
import type { ResponseCase } from './responses.ts';

const ID = 'X-Request-Id: ID';
const CHUNKED = 'Transfer-Encoding: chunked';
const LENGTH = 'Content-Length: 5';

const ok = (...lines: readonly string[]) => head('HTTP/1.1 200 OK', ...lines);
const whole = (lines: readonly string[] = []) => `${ok(...lines, ID, LENGTH)}hello`;
const refused = (name: string, sent: string): ResponseCase => ({ name, sent, gets: 502 });

const OLD = get().replace('HTTP/1.1', 'HTTP/1.0');

/** Responses that nobody could relay safely, and those that break off. */
export const BAD_RESPONSES: readonly ResponseCase[] = [
  // Framing.
  refused('a length and chunks', `${ok(LENGTH, CHUNKED)}0\r\n\r\n`),
  refused('two lengths', `${ok(LENGTH, LENGTH)}hello`),
  refused('different lengths', `${ok(LENGTH, 'Content-Length: 6')}hello`),
  refused('a list of lengths', `${ok('Content-Length: 5, 5')}hello`),
  refused('a negative length', `${ok('Content-Length: -5')}hello`),
  refused('an empty length', `${ok('Content-Length:')}hello`),
  refused('a length beyond all limits', `${ok(`Content-Length: ${'9'.repeat(40)}`)}hello`),
  refused('an underscore in a length', `${ok('Content_Length: 5')}hello`),
  refused('gzip, chunked', `${ok('Transfer-Encoding: gzip, chunked')}0\r\n\r\n`),
  refused('identity', `${ok('Transfer-Encoding: identity')}hello`),
  refused('chunked twice', `${ok(CHUNKED, CHUNKED)}0\r\n\r\n`),
  refused('chunks in HTTP/1.0', `${head('HTTP/1.0 200 OK', CHUNKED)}0\r\n\r\n`),
  { name: 'chunks for a client of HTTP/1.0', request: OLD, sent: `${ok(CHUNKED)}0\r\n\r\n`, gets: 502 },
  refused('a Connection that names the length', `${ok('Connection: content-length', LENGTH)}hello`),
  refused('a chunk that is none', `${ok(CHUNKED)}x\r\n`),
  refused('a trailer with a length', `${ok(CHUNKED)}0\r\n${LENGTH}\r\n\r\n`),
  refused('a trailer with a cookie', `${ok(CHUNKED)}0\r\nSet-Cookie: a=b\r\n\r\n`),
  // Heads.
  refused('nothing', ''),
  refused('half a head', 'HTTP/1.1 200 OK\r\nX: '),
  refused('noise', '\xde\xad\xbe\xef\r\n\r\n'),
  refused('a banner', 'SSH-2.0-OpenSSH_9.2\r\n'),
  refused('a page without a head', '<html>\r\n\r\n</html>'),
  refused('an empty line before the status', `\r\n${whole()}`),
  refused('HTTP/2', head('HTTP/2 200', 'Content-Length: 0')),
  refused('HTTP/1.2', head('HTTP/1.2 200 OK', 'Content-Length: 0')),
  refused('ICY', head('ICY 200 OK', 'Content-Length: 0')),
  refused('a status of two digits', head('HTTP/1.1 20 OK', 'Content-Length: 0')),
  refused('a status of four digits', head('HTTP/1.1 2000 OK', 'Content-Length: 0')),
  refused('a status with a sign', head('HTTP/1.1 -20 OK', 'Content-Length: 0')),
  refused('status 000', head('HTTP/1.1 000 OK', 'Content-Length: 0')),
  refused('status 600', head('HTTP/1.1 600 OK', 'Content-Length: 0')),
  refused('two spaces before the status', head('HTTP/1.1  200 OK', 'Content-Length: 0')),
  refused('a NUL in the reason', head('HTTP/1.1 200 O\0K', 'Content-Length: 0')),
  refused('a bare line feed in the head', `HTTP/1.1 200 OK\nContent-Length: 0\n\n`),
  refused('a bare carriage return in a value', ok('X: a\rSet-Cookie: b=c', 'Content-Length: 0')),
  refused('a folded line', ok('X: a', ' b', 'Content-Length: 0')),
  refused('a space before a colon', ok('X : a', 'Content-Length: 0')),
  refused('a name that is none', ok('X Y: a', 'Content-Length: 0')),
  refused('a head of 17 KiB', ok(`X: ${'a'.repeat(17 * 1024)}`)),
  refused('101 headers', ok(...Array.from({ length: 101 }, () => 'X: a'))),
  // Cut off.
  {
    name: 'less than the length',
    sent: `${ok('Content-Length: 6')}hello`,
    gets: `${ok(ID, 'Content-Length: 6')}hello`,
    cut: true,
  },
  {
    name: 'no last chunk',
    sent: `${ok(CHUNKED)}5\r\nhello\r\n`,
    gets: `${ok(ID, CHUNKED)}5\r\nhello\r\n`,
    cut: true,
  },
  { name: 'half a chunk', sent: `${ok(CHUNKED)}6\r\nhello`, gets: `${ok(ID, CHUNKED)}6\r\nhello`, cut: true },
  {
    name: 'no end of the trailers',
    sent: `${ok(CHUNKED)}0\r\nX: a\r\n`,
    gets: `${ok(ID, CHUNKED)}0\r\nX: a\r\n`,
    cut: true,
  },
];
