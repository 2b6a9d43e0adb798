import { added, get, gets, type HttpCase, head, post, posts, SECOND, SECOND_FORWARDED } from './message.ts';

const UPGRADE = ['Connection: Upgrade', 'Upgrade: websocket'];

/** What is for one hop only, what only the gateway may say, and what asks for something else than an answer. */
export const HOPS: readonly HttpCase[] = [
  ['keep-alive', get('Connection: keep-alive', 'Keep-Alive: timeout=5'), [gets()]],
  ['close', get('Connection: close') + SECOND, [gets()]],
  ['close in capitals', get('CONNECTION: CLOSE') + SECOND, [gets()]],
  ['close and keep-alive', get('Connection: keep-alive, close') + SECOND, [gets()]],
  ['two Connections', get('Connection: keep-alive', 'Connection: close') + SECOND, [gets()]],
  ['a named header', get('Connection: X-Hop', 'X-Hop: a', 'X: b'), [gets(['X: b'])]],
  ['a named header twice', get('X-Hop: a', 'Connection: close, x-hop', 'x-HOP: b'), [gets()]],
  ['a named header that is absent', get('Connection: X-Hop'), [gets()]],
  [
    'a Connection that names the length',
    post(['Connection: Content-Length', 'Content-Length: 5'], 'hello'),
    400,
  ],
  [
    'a Connection that names the encoding',
    post(['Connection: transfer-encoding', 'Transfer-Encoding: chunked'], '0\r\n\r\n'),
    400,
  ],
  [
    'a Connection that names the length with an underscore',
    post(['Connection: content_length', 'Content-Length: 5'], 'hello'),
    400,
  ],
  ['a Connection that names Host', get('Connection: host'), 400],
  ['a Connection that names itself', get('Connection: connection'), 400],
  [
    'a Connection that names what the gateway adds',
    get('Connection: X-Forwarded-For, X-Request-Id, Forwarded'),
    [gets()],
  ],
  ['an empty Connection', get('Connection:'), 400],
  ['a Connection of commas', get('Connection: ,,'), 400],
  ['a Connection that is no list', get('Connection: keep alive'), 400],
  ['a quoted Connection', get('Connection: "close"'), 400],
  ['Proxy-Connection', get('Proxy-Connection: keep-alive'), [gets()]],
  ['Proxy-Authorization', get('Proxy-Authorization: Basic abc'), [gets()]],
  ['Proxy-Anything', get('Proxy-Anything: a', 'PROXY_ANYTHING: b'), [gets()]],
  ['Proxy, which CGI would obey', get('Proxy: evil.example:80', 'PROXY: evil.example'), [gets()]],
  ['TE', get('TE: gzip'), [gets()]],
  [
    'TE: trailers',
    get('TE: gzip, Trailers', 'Connection: TE'),
    [gets([], ['Connection: TE', 'TE: trailers'])],
  ],
  [
    'Trailer',
    post(['Trailer: X', 'Transfer-Encoding: chunked'], '0\r\nX: a\r\n\r\n'),
    [posts(['Transfer-Encoding: chunked'], '0\r\nX: a\r\n\r\n', ['Trailer: X'])],
  ],
  // Claims.
  ['X-Forwarded-For', get('X-Forwarded-For: 127.0.0.1'), [gets()]],
  ['X-Forwarded-For in other letters', get('x-FORWARDED-for: 127.0.0.1', 'X-Forwarded-For: ::1'), [gets()]],
  ['X_Forwarded_For', get('X_Forwarded_For: 127.0.0.1', 'X-Forwarded_For: 127.0.0.1'), [gets()]],
  [
    'X-Forwarded-Proto, -Host and -Port',
    get('X-Forwarded-Proto: http', 'X-Forwarded-Host: evil.example', 'X-Forwarded-Port: 1'),
    [gets()],
  ],
  ['X-Forwarded-Anything', get('X-Forwarded-Anything: a', 'X-Forwarded-: b'), [gets(['X-Forwarded-: b'])]],
  ['Forwarded', get('Forwarded: for=127.0.0.1;host=evil.example'), [gets()]],
  ['X-Real-IP', get('X-Real-IP: 127.0.0.1', 'X_REAL_IP: 127.0.0.1'), [gets()]],
  ['X-Request-Id', get('X-Request-Id: mine-1'), [get(...added(undefined, [], 'mine-1'))]],
  ['an X-Request-Id that is none', get('X-Request-Id: a b'), [gets()]],
  ['an X-Request-Id without end', get(`X-Request-Id: ${'a'.repeat(129)}`), [gets()]],
  ['two X-Request-Ids', get('X-Request-Id: a', 'X-Request-Id: b'), [gets()]],
  [
    'cookies and credentials',
    get('Cookie: a=b', 'Authorization: Bearer abc'),
    [gets(['Cookie: a=b', 'Authorization: Bearer abc'])],
  ],
  // Upgrades.
  ['a WebSocket', get(...UPGRADE, 'Sec-WebSocket-Key: abc'), [gets(['Sec-WebSocket-Key: abc'], UPGRADE)]],
  [
    'a WebSocket in other letters',
    get('connection: keep-alive, UPGRADE', 'upgrade: WebSocket'),
    [gets([], UPGRADE)],
  ],
  [
    'a WebSocket with an empty body',
    get(...UPGRADE, 'Content-Length: 0'),
    [gets([], ['Content-Length: 0', ...UPGRADE])],
  ],
  ['an Upgrade with a body', `${get(...UPGRADE, 'Content-Length: 5')}hello`, 400],
  ['an Upgrade with chunks', `${get(...UPGRADE, 'Transfer-Encoding: chunked')}0\r\n\r\n`, 400],
  [
    'an Upgrade with a body, which Connection does not name',
    `${get('Upgrade: websocket', 'Content-Length: 5')}hello`,
    400,
  ],
  [
    'an Upgrade that Connection does not name',
    get('Upgrade: websocket') + SECOND,
    [gets(), SECOND_FORWARDED],
  ],
  ['an Upgrade of POST', post(UPGRADE) + SECOND, [posts([]), SECOND_FORWARDED]],
  [
    'an Upgrade of HTTP/1.0',
    head('GET /a HTTP/1.0', 'Host: web.example.com', ...UPGRADE),
    [head('GET /a HTTP/1.0', 'Host: web.example.com', ...added(undefined, ['Connection: close']))],
  ],
  ['two Upgrades', get(...UPGRADE, 'Upgrade: h2c'), 400],
  [
    'an Upgrade to one of two',
    get('Connection: Upgrade', 'Upgrade: websocket, h2c') + SECOND,
    [gets(), SECOND_FORWARDED],
  ],
  [
    'an Upgrade to h2c',
    get('Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c', 'HTTP2-Settings: AAMAAABk') + SECOND,
    [gets(), SECOND_FORWARDED],
  ],
  [
    'an Upgrade to h2c whose settings are not named',
    get('Connection: Upgrade', 'Upgrade: h2c', 'HTTP2-Settings: AAMAAABk'),
    [gets()],
  ],
  ['an Upgrade to TLS', get('Connection: Upgrade', 'Upgrade: TLS/1.2'), [gets()]],
  // Expectations.
  [
    '100-continue',
    post(['Expect: 100-continue', 'Content-Length: 5'], 'hello'),
    [posts(['Expect: 100-continue', 'Content-Length: 5'], 'hello')],
  ],
  [
    '100-Continue',
    post(['EXPECT: 100-Continue', 'Content-Length: 5'], 'hello'),
    [posts(['Expect: 100-continue', 'Content-Length: 5'], 'hello')],
  ],
  ['100-continue without a body', get('Expect: 100-continue') + SECOND, [gets(), SECOND_FORWARDED]],
  [
    '100-continue with an empty body',
    post(['Expect: 100-continue', 'Content-Length: 0']) + SECOND,
    [posts(['Content-Length: 0']), SECOND_FORWARDED],
  ],
  ['another expectation', post(['Expect: 200-ok', 'Content-Length: 5'], 'hello'), 417],
  ['100-continue and more', post(['Expect: y 100-continue', 'Content-Length: 5'], 'hello'), 417],
  [
    '100-continue twice',
    post(['Expect: 100-continue', 'Expect: 100-continue', 'Content-Length: 5'], 'hello'),
    417,
  ],
  ['an empty expectation', post(['Expect:', 'Content-Length: 5'], 'hello'), 417],
];
