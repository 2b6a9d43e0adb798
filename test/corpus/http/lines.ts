import { get, gets, type HttpCase, head, SECOND, SECOND_FORWARDED, shown } from './message.ts';

/** NUL to US, and DEL. */
const CONTROLS = [...Array.from({ length: 32 }, (_, byte) => byte), 0x7f];

/** What is no token, but no control character either. */
const SEPARATORS = '"(),/;<=>?@[\\]{}';

/** Lines of a head: where they end, what a name is, what a value is. */
export const LINES: readonly HttpCase[] = [
  ['a header nobody knows', get('X-Anything: goes'), [gets(['X-Anything: goes'])]],
  ['a header twice', get('X: a', 'X: b'), [gets(['X: a', 'X: b'])]],
  ['an empty value', get('X:'), [gets(['X:'])]],
  ['a value of blanks', get('X: \t '), [gets(['X: \t '])]],
  ['a value with colons', get('X: a: b:c'), [gets(['X: a: b:c'])]],
  ['a value with a tab', get('X: a\tb'), [gets(['X: a\tb'])]],
  ['a value of bytes beyond ASCII', get('X: \x80\xff caf\xe9'), [gets(['X: \x80\xff caf\xe9'])]],
  ['a name of every token character', get("!#$%&'*+-.^_`|~09azAZ: a"), [gets(["!#$%&'*+-.^_`|~09azAZ: a"])]],
  [
    'a name like one of JavaScript',
    get('__proto__: a', 'constructor: b'),
    [gets(['__proto__: a', 'constructor: b'])],
  ],
  ['an empty line before a request', `\r\n${SECOND}`, [SECOND_FORWARDED]],
  ['an empty line between requests', `${SECOND}\r\n${SECOND}`, [SECOND_FORWARDED, SECOND_FORWARDED]],
  ['two empty lines before a request', `\r\n\r\n${SECOND}`, 400],
  ['a bare line feed before a request', `\n${SECOND}`, 400],
  ['a bare carriage return before a request', `\r${SECOND}`, 400],
  ['a space before a request', ` ${SECOND}`, 400],
  ['a byte order mark', `\xef\xbb\xbf${SECOND}`, 400],
  // Ends of lines.
  ['line feeds only', SECOND.replaceAll('\r\n', '\n'), 400],
  ['carriage returns only', SECOND.replaceAll('\r\n', '\r'), 400],
  ['a bare line feed behind the request line', SECOND.replace('\r\n', '\n'), 400],
  ['a bare line feed behind a header', get('X: a\nY: b'), 400],
  ['a bare carriage return in a header', get('X: a\rY: b'), 400],
  ['two carriage returns', get('X: a\r'), 400],
  ['a bare line feed at the end', get().replace(/\r\n$/, '\n'), 400],
  ['a carriage return and something else at the end', get().replace(/\n$/, 'x'), 400],
  ['line feed, carriage return', get('X: a\n\rY: b'), 400],
  ['a line separator of Unicode', get('X: a\u0085Y: b'), [gets(['X: a\u0085Y: b'])]],
  // Folded lines.
  ['a line folded with a space', get('X: a', ' b'), 400],
  ['a line folded with a tab', get('X: a', '\tb'), 400],
  ['a folded line before all others', head('GET /a HTTP/1.1', ' X: a', 'Host: web.example.com'), 400],
  ['an empty folded line', get('X: a', ' '), 400],
  ['a folded line at the end', get('X: a', '\t'), 400],
  // Names.
  ['a line without a colon', get('X'), 400],
  ['an empty name', get(': a'), 400],
  ['a space before the colon', get('X : a'), 400],
  ['a tab before the colon', get('X\t: a'), 400],
  ['a space in a name', get('X Y: a'), 400],
  ['a name beyond ASCII', get('caf\xe9: a'), 400],
  ['a no-break space behind a name', get('X\xa0: a'), 400],
  ['a chunk for a header', get('5', 'hello'), 400],
  ['a request for a header', get('GET /second HTTP/1.1', 'Host: web.example.com'), 400],
  ...[...SEPARATORS].map(
    (character): HttpCase => [`a ${character} in a name`, get(`X${character}Y: a`), 400],
  ),
  ...CONTROLS.map((byte): HttpCase => {
    const character = String.fromCharCode(byte);
    return [`${shown(byte)} in a name`, get(`X${character}Y: a`), 400];
  }),
  ...CONTROLS.filter((byte) => byte !== 0x09).map((byte): HttpCase => {
    const character = String.fromCharCode(byte);
    return [`${shown(byte)} in a value`, get(`X: a${character}b`), 400];
  }),
];
