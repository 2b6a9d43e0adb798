import { type HttpCase, post, posts, SECOND, SECOND_FORWARDED } from './message.ts';

const CHUNKED = 'Transfer-Encoding: chunked';
const send = (body: string) => post([CHUNKED], body);
const reaches = (body: string) => [posts([CHUNKED], body)];
const passes = (name: string, body: string): HttpCase => [name, send(body), reaches(body)];
const fails = (name: string, body: string): HttpCase => [name, send(body), 400];

/** Chunked bodies. */
export const CHUNKS: readonly HttpCase[] = [
  passes('one chunk', '5\r\nhello\r\n0\r\n\r\n'),
  passes('no chunk', '0\r\n\r\n'),
  passes('many chunks', `${'1\r\na\r\n'.repeat(1000)}0\r\n\r\n`),
  passes('hexadecimal sizes', `a\r\n0123456789\r\nA\r\n0123456789\r\n0\r\n\r\n`),
  passes('sizes with zeros before them', '00000005\r\nhello\r\n00\r\n\r\n'),
  passes('an extension', '5;a=b;c\r\nhello\r\n0;last\r\n\r\n'),
  passes('line ends in the data', '4\r\n\r\n\r\n\r\n0\r\n\r\n'),
  passes('a request in the data', `${SECOND.length.toString(16)}\r\n${SECOND}\r\n0\r\n\r\n`),
  passes('a trailer', '0\r\nX-Checksum: abc\r\n\r\n'),
  passes('trailers', '5\r\nhello\r\n0\r\nX: a\r\nY: b\r\n\r\n'),
  [
    'chunks and a second request',
    send('5\r\nhello\r\n0\r\n\r\n') + SECOND,
    [posts([CHUNKED], '5\r\nhello\r\n0\r\n\r\n'), SECOND_FORWARDED],
  ],
  [
    'a trailer and a second request',
    send('0\r\nX: a\r\n\r\n') + SECOND,
    [posts([CHUNKED], '0\r\nX: a\r\n\r\n'), SECOND_FORWARDED],
  ],
  // Sizes.
  fails('an empty size', '\r\nhello\r\n0\r\n\r\n'),
  fails('a size with 0x', '0x5\r\nhello\r\n0\r\n\r\n'),
  fails('a size with a plus', '+5\r\nhello\r\n0\r\n\r\n'),
  fails('a negative size', '-5\r\nhello\r\n0\r\n\r\n'),
  fails('a size with an underscore', '1_0\r\n0123456789abcdef\r\n0\r\n\r\n'),
  fails('a size that is no number', 'g\r\nhello\r\n0\r\n\r\n'),
  fails('a space before a size', ' 5\r\nhello\r\n0\r\n\r\n'),
  fails('a space behind a size', '5 \r\nhello\r\n0\r\n\r\n'),
  fails('a tab behind a size', '5\t\r\nhello\r\n0\r\n\r\n'),
  fails('a quoted size', '"5"\r\nhello\r\n0\r\n\r\n'),
  fails('a size of 9 digits', '000000005\r\nhello\r\n0\r\n\r\n'),
  fails('a size beyond 32 bits', '100000005\r\nhello\r\n0\r\n\r\n'),
  fails('a size beyond 64 bits', '10000000000000005\r\nhello\r\n0\r\n\r\n'),
  fails('a size beyond all limits', `${'f'.repeat(5000)}\r\nhello\r\n0\r\n\r\n`),
  fails('a size in digits beyond ASCII', '\xb2\r\nab\r\n0\r\n\r\n'),
  fails('a NUL in a size', '5\0\r\nhello\r\n0\r\n\r\n'),
  // Ends of lines.
  fails('a bare line feed behind a size', '5\nhello\r\n0\r\n\r\n'),
  fails('a bare carriage return behind a size', '5\rhello\r\n0\r\n\r\n'),
  fails('two carriage returns behind a size', '5\r\r\nhello\r\n0\r\n\r\n'),
  fails('a bare line feed behind the data', '5\r\nhello\n0\r\n\r\n'),
  fails('nothing behind the data', '5\r\nhello0\r\n\r\n'),
  fails('too much data', '5\r\nhelloo\r\n0\r\n\r\n'),
  fails('two bytes for a line end', '5\r\nhelloXX0\r\n\r\n'),
  fails('a bare line feed behind the last size', '0\n\r\n'),
  fails('a bare line feed at the end', '0\r\n\n'),
  fails('a bare carriage return at the end', '0\r\n\rX'),
  // Extensions.
  fails('a bare line feed in an extension', '5;a\nb\r\nhello\r\n0\r\n\r\n'),
  fails('a bare line feed behind an extension', '5;a\nhello\r\n0\r\n\r\n'),
  fails('a bare carriage return in an extension', '5;a\rb\r\nhello\r\n0\r\n\r\n'),
  fails('a quoted extension', '5;a="b"\r\nhello\r\n0\r\n\r\n'),
  fails('a quoted line end in an extension', '5;a="\r\n"\r\nhello\r\n0\r\n\r\n'),
  fails('a space in an extension', '5; a=b\r\nhello\r\n0\r\n\r\n'),
  fails('a space before an extension', '5 ;a=b\r\nhello\r\n0\r\n\r\n'),
  fails('a NUL in an extension', '5;a\0\r\nhello\r\n0\r\n\r\n'),
  fails('an extension beyond ASCII', '5;\xff\r\nhello\r\n0\r\n\r\n'),
  fails('an extension without end', `5;${'a'.repeat(5000)}\r\nhello\r\n0\r\n\r\n`),
  // Trailers.
  fails('a folded trailer', '0\r\nX: a\r\n b\r\n\r\n'),
  fails('a trailer without a colon', '0\r\nX\r\n\r\n'),
  fails('a trailer with a space before the colon', '0\r\nX : a\r\n\r\n'),
  fails('a bare line feed in a trailer', '0\r\nX: a\nY: b\r\n\r\n'),
  fails('a bare carriage return in a trailer', '0\r\nX: a\rY: b\r\n\r\n'),
  fails('a NUL in a trailer', '0\r\nX: a\0\r\n\r\n'),
  fails('a request for a trailer', `0\r\n${SECOND}`),
  fails('a length in a trailer', '0\r\nContent-Length: 5\r\n\r\n'),
  fails('an encoding in a trailer', '0\r\nTransfer-Encoding: chunked\r\n\r\n'),
  fails('a Host in a trailer', '0\r\nHost: evil.example\r\n\r\n'),
  fails('a Connection in a trailer', '0\r\nConnection: close\r\n\r\n'),
  fails('a claim in a trailer', '0\r\nX-Forwarded-For: 127.0.0.1\r\n\r\n'),
  fails('a claim with underscores in a trailer', '0\r\nX_Forwarded_For: 127.0.0.1\r\n\r\n'),
  fails('credentials in a trailer', '0\r\nAuthorization: Basic abc\r\n\r\n'),
  fails('cookies in a trailer', '0\r\nCookie: a=b\r\n\r\n'),
  fails('101 trailers', `0\r\n${'X: a\r\n'.repeat(101)}\r\n`),
  fails('a trailer of 16 KiB', `0\r\nX: ${'a'.repeat(16 * 1024)}\r\n\r\n`),
];
