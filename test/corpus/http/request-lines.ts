import { added, type HttpCase, head, shown } from './message.ts';

const line = (text: string) => head(text, 'Host: web.example.com');
const target = (text: string) => line(`GET ${text} HTTP/1.1`);
const reaches = (text: string) => [head(`GET ${text} HTTP/1.1`, 'Host: web.example.com', ...added())];
const method = (name: string) => [head(`${name} /a HTTP/1.1`, 'Host: web.example.com', ...added())];

const CONTROLS = [...Array.from({ length: 33 }, (_, byte) => byte), 0x7f];

/** Request lines: who is asked, and for what. */
export const REQUEST_LINES: readonly HttpCase[] = [
  ['the root', target('/'), reaches('/')],
  ['a path', target('/a/b%20c/..;/d'), reaches('/a/b%20c/..;/d')],
  ['a query', target('/a?b=c&d'), reaches('/a?b=c&d')],
  ['a URL in a query', target('/a?to=//evil.example/\\x'), reaches('/a?to=//evil.example/\\x')],
  ['slashes further on', target('/a//b'), reaches('/a//b')],
  ['what browsers leave as it is', target('/a?b={c}|^`"<>[]'), reaches('/a?b={c}|^`"<>[]')],
  ['dots', target('/../../etc/passwd'), reaches('/../../etc/passwd')],
  ['an at sign', target('/@evil.example/'), reaches('/@evil.example/')],
  ['a colon', target('/:80/'), reaches('/:80/')],
  // Steering.
  ['two slashes', target('//evil.example/x'), 400],
  ['three slashes', target('///evil.example/x'), 400],
  ['a slash and a backslash', target('/\\evil.example/x'), 400],
  ['a backslash', target('\\evil.example/x'), 400],
  ['two backslashes', target('\\\\evil.example/x'), 400],
  ['an absolute target', target('http://evil.example/x'), 400],
  ['an absolute target of our own', target('http://web.example.com/x'), 400],
  ['an absolute target in capitals', target('HTTP://evil.example/x'), 400],
  ['a file', target('file:///etc/passwd'), 400],
  ['a scheme without an authority', target('javascript:alert(1)'), 400],
  ['an authority', target('evil.example:80'), 400],
  ['a user and a host', target('user@evil.example'), 400],
  ['a name', target('x'), 400],
  ['a query without a path', target('?x'), 400],
  ['a dot', target('./x'), 400],
  ['a percent-encoded slash first', target('%2f/x'), 400],
  ['an asterisk of GET', target('*'), 400],
  [
    'an asterisk of OPTIONS',
    line('OPTIONS * HTTP/1.1'),
    [head('OPTIONS * HTTP/1.1', 'Host: web.example.com', ...added())],
  ],
  ['an asterisk and more', line('OPTIONS *x HTTP/1.1'), 400],
  [
    'a slash and an asterisk',
    line('OPTIONS /* HTTP/1.1'),
    [head('OPTIONS /* HTTP/1.1', 'Host: web.example.com', ...added())],
  ],
  ['a fragment', target('/a#b'), 400],
  ['a fragment only', target('#b'), 400],
  ['a target beyond ASCII', target('/caf\xe9'), 400],
  ['an empty target', line('GET  HTTP/1.1'), 400],
  ['a space in a target', target('/a b'), 400],
  [
    'a request in a target',
    target('/ HTTP/1.1\r\nHost: evil.example\r\n\r\nGET /x'),
    [
      head('GET / HTTP/1.1', 'Host: evil.example', ...added('evil.example')),
      head('GET /x HTTP/1.1', 'Host: web.example.com', ...added()),
    ],
  ],
  ...CONTROLS.map((byte): HttpCase => {
    const character = String.fromCharCode(byte);
    return [`${shown(byte)} in a target`, target(`/a${character}b`), 400];
  }),
  // White space.
  ['a tab for a space', line('GET\t/a\tHTTP/1.1'), 400],
  ['two spaces behind the method', line('GET  /a HTTP/1.1'), 400],
  ['two spaces behind the target', line('GET /a  HTTP/1.1'), 400],
  ['a space at the end', line('GET /a HTTP/1.1 '), 400],
  ['a tab at the end', line('GET /a HTTP/1.1\t'), 400],
  ['a no-break space', line('GET\xa0/a HTTP/1.1'), 400],
  ['a form feed', line('GET\x0c/a HTTP/1.1'), 400],
  // Methods.
  ['HEAD', line('HEAD /a HTTP/1.1'), method('HEAD')],
  ['DELETE', line('DELETE /a HTTP/1.1'), method('DELETE')],
  ['PROPFIND', line('PROPFIND /a HTTP/1.1'), method('PROPFIND')],
  ['M-SEARCH', line('M-SEARCH /a HTTP/1.1'), method('M-SEARCH')],
  ['CONNECT', line('CONNECT evil.example:443 HTTP/1.1'), 405],
  ['CONNECT with a path', line('CONNECT /a HTTP/1.1'), 405],
  ['TRACE', line('TRACE /a HTTP/1.1'), 405],
  ['TRACK', line('TRACK /a HTTP/1.1'), 501],
  ['a method in small letters', line('get /a HTTP/1.1'), 501],
  ['a method in mixed letters', line('Connect /a HTTP/1.1'), 501],
  ['a method with a digit', line('GET2 /a HTTP/1.1'), 501],
  ['a method nobody knows', line('QOST /a HTTP/1.1'), 501],
  ['no method', line(' /a HTTP/1.1'), 400],
  ['a quoted method', line('"GET" /a HTTP/1.1'), 400],
  ['a method with a slash', line('GE/T /a HTTP/1.1'), 400],
  ['a method with a colon', line('GET: /a HTTP/1.1'), 400],
  ['a method with a NUL', line('GET\0 /a HTTP/1.1'), 400],
  // Versions.
  [
    'HTTP/1.0',
    line('GET /a HTTP/1.0'),
    [head('GET /a HTTP/1.0', 'Host: web.example.com', ...added(undefined, ['Connection: close']))],
  ],
  ['HTTP/1.2', line('GET /a HTTP/1.2'), 505],
  ['HTTP/2.0', line('GET /a HTTP/2.0'), 505],
  ['HTTP/0.9', line('GET /a HTTP/0.9'), 505],
  ['a request of HTTP/0.9', 'GET /a\r\n\r\n', 400],
  ['no version', line('GET /a'), 400],
  ['a version in small letters', line('GET /a http/1.1'), 400],
  ['a version with two digits', line('GET /a HTTP/1.10'), 400],
  ['a version with a zero before it', line('GET /a HTTP/01.1'), 400],
  ['a version without a dot', line('GET /a HTTP/11'), 400],
  ['a version with a comma', line('GET /a HTTP/1,1'), 400],
  ['another protocol', line('GET /a ICE/1.1'), 400],
  ['a version and more', line('GET /a HTTP/1.1x'), 400],
  ['a beginning of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 505],
  ['a beginning of HTTP/2 in HTTP/1.1', line('PRI * HTTP/1.1'), 501],
  ['a beginning of TLS', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', 400],
  ['a PROXY line', `PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n${line('GET /a HTTP/1.1')}`, 400],
  ['a status line', line('HTTP/1.1 200 OK'), 400],
  ['noise', '\xde\xad\xbe\xef\r\n\r\n', 400],
];
