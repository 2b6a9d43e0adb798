import { get, head } from './message.ts';

/**
 * One case: what a container sends before it closes its connection, and what the client gets: a status of the gateway's own, or
 * these bytes. Where they are cut off, the client's connection breaks.
 */
export interface ResponseCase {
  name: string;
  /** Default: a GET. */
  request?: string;
  sent: string;
  gets: number | string;
  cut?: true;
  /** Whether it sends more than its response. */
  surplus?: true;
}

const ID = 'X-Request-Id: ID';
const CHUNKED = 'Transfer-Encoding: chunked';
const LENGTH = 'Content-Length: 5';
const SWITCH = ['Connection: Upgrade', 'Upgrade: websocket'];

const ok = (...lines: readonly string[]) => head('HTTP/1.1 200 OK', ...lines);
const whole = (lines: readonly string[] = []) => `${ok(...lines, ID, LENGTH)}hello`;
const refused = (name: string, sent: string): ResponseCase => ({ name, sent, gets: 502 });

const HEAD = get().replace('GET', 'HEAD');
const OLD = get().replace('HTTP/1.1', 'HTTP/1.0');
const UPGRADE = get(...SWITCH);

/** Responses as they should be, and those that are mended on the way. */
export const RESPONSES: readonly ResponseCase[] = [
  { name: 'a body with its length', sent: `${ok(LENGTH)}hello`, gets: whole() },
  { name: 'headers nobody knows', sent: `${ok('X: a', LENGTH, 'Y: b')}hello`, gets: whole(['X: a', 'Y: b']) },
  {
    name: 'cookies',
    sent: `${ok('Set-Cookie: a=b', 'Set-Cookie: c=d', LENGTH)}hello`,
    gets: whole(['Set-Cookie: a=b', 'Set-Cookie: c=d']),
  },
  {
    name: 'Server and Date',
    sent: `${ok('Server: x', 'Date: y', LENGTH)}hello`,
    gets: whole(['Server: x', 'Date: y']),
  },
  { name: 'no body', sent: ok('Content-Length: 0'), gets: ok(ID, 'Content-Length: 0') },
  {
    name: 'chunks',
    sent: `${ok(CHUNKED)}5\r\nhello\r\n0\r\n\r\n`,
    gets: `${ok(ID, CHUNKED)}5\r\nhello\r\n0\r\n\r\n`,
  },
  {
    name: 'chunks and trailers',
    sent: `${ok(CHUNKED, 'Trailer: X')}0\r\nX: a\r\n\r\n`,
    gets: `${ok('Trailer: X', ID, CHUNKED)}0\r\nX: a\r\n\r\n`,
  },
  {
    name: 'no reason',
    sent: 'HTTP/1.1 200 \r\nContent-Length: 0\r\n\r\n',
    gets: head('HTTP/1.1 200 ', ID, 'Content-Length: 0'),
  },
  {
    name: 'no reason and no space',
    sent: 'HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n',
    gets: head('HTTP/1.1 200', ID, 'Content-Length: 0'),
  },
  {
    name: 'a status nobody knows',
    sent: head('HTTP/1.1 599 What', 'Content-Length: 0'),
    gets: head('HTTP/1.1 599 What', ID, 'Content-Length: 0'),
  },
  {
    name: 'a body that ends with the connection',
    sent: `${ok()}hello`,
    gets: `${ok(ID, CHUNKED)}5\r\nhello\r\n0\r\n\r\n`,
  },
  { name: 'nothing that ends with the connection', sent: ok(), gets: `${ok(ID, CHUNKED)}0\r\n\r\n` },
  {
    name: 'HTTP/1.0',
    sent: `${head('HTTP/1.0 200 OK')}hello`,
    gets: `${ok(ID, CHUNKED)}5\r\nhello\r\n0\r\n\r\n`,
  },
  { name: 'HTTP/1.0 with a length', sent: `${head('HTTP/1.0 200 OK', LENGTH)}hello`, gets: whole() },
  {
    name: 'a body for a client of HTTP/1.0',
    request: OLD,
    sent: `${ok()}hello`,
    gets: `${ok(ID, 'Connection: close')}hello`,
  },
  {
    name: 'a length for a client of HTTP/1.0',
    request: OLD,
    sent: `${ok(LENGTH)}hello`,
    gets: `${ok(ID, LENGTH, 'Connection: close')}hello`,
  },
  // Without a body.
  { name: 'HEAD', request: HEAD, sent: ok(LENGTH), gets: ok(ID, LENGTH) },
  { name: 'HEAD with chunks', request: HEAD, sent: ok(CHUNKED), gets: ok(ID, CHUNKED) },
  { name: 'HEAD without framing', request: HEAD, sent: ok(), gets: ok(ID) },
  {
    name: 'HEAD with a body',
    request: HEAD,
    sent: `${ok(LENGTH)}hello`,
    gets: ok(ID, LENGTH),
    surplus: true,
  },
  { name: '204', sent: head('HTTP/1.1 204 No Content'), gets: head('HTTP/1.1 204 No Content', ID) },
  {
    name: '204 with a length',
    sent: head('HTTP/1.1 204 No Content', 'Content-Length: 0'),
    gets: head('HTTP/1.1 204 No Content', ID),
  },
  {
    name: '204 with a body',
    sent: `${head('HTTP/1.1 204 No Content', LENGTH)}hello`,
    gets: head('HTTP/1.1 204 No Content', ID),
    surplus: true,
  },
  {
    name: '304',
    sent: head('HTTP/1.1 304 Not Modified', LENGTH),
    gets: head('HTTP/1.1 304 Not Modified', ID, LENGTH),
  },
  {
    name: '304 with a body',
    sent: `${head('HTTP/1.1 304 Not Modified', LENGTH)}hello`,
    gets: head('HTTP/1.1 304 Not Modified', ID, LENGTH),
    surplus: true,
  },
  // More than one response.
  { name: 'a second response', sent: `${ok(LENGTH)}hello${ok(LENGTH)}evil!`, gets: whole(), surplus: true },
  { name: 'more than the length', sent: `${ok(LENGTH)}hello world`, gets: whole(), surplus: true },
  {
    name: 'something behind the last chunk',
    sent: `${ok(CHUNKED)}0\r\n\r\nX`,
    gets: `${ok(ID, CHUNKED)}0\r\n\r\n`,
    surplus: true,
  },
  {
    name: '103',
    sent: `${head('HTTP/1.1 103 Early Hints', 'Link: </a>')}${ok(LENGTH)}hello`,
    gets: `${head('HTTP/1.1 103 Early Hints', 'Link: </a>')}${whole()}`,
  },
  {
    name: '103 that sets a cookie',
    sent: `${head('HTTP/1.1 103 Early Hints', 'Set-Cookie: a=b; Domain=example.com')}${ok(LENGTH)}hello`,
    gets: `${head('HTTP/1.1 103 Early Hints')}${whole()}`,
  },
  {
    name: '103 for a client of HTTP/1.0',
    request: OLD,
    sent: `${head('HTTP/1.1 103 Early Hints')}${ok(LENGTH)}hello`,
    gets: `${ok(ID, LENGTH, 'Connection: close')}hello`,
  },
  {
    name: '100 that nobody waits for',
    sent: `${head('HTTP/1.1 100 Continue')}${ok(LENGTH)}hello`,
    gets: whole(),
  },
  { name: '199', sent: `${head('HTTP/1.1 199 What')}${ok(LENGTH)}hello`, gets: whole() },
  refused('17 interim responses', `${head('HTTP/1.1 199 What').repeat(17)}${ok(LENGTH)}hello`),
  refused('an interim response with a length', `${head('HTTP/1.1 103 Early Hints', LENGTH)}hello`),
  refused('an interim response with chunks', `${head('HTTP/1.1 103 Early Hints', CHUNKED)}0\r\n\r\n`),
  // Upgrades.
  refused('101 that nobody asked for', head('HTTP/1.1 101 Switching Protocols', ...SWITCH)),
  {
    name: '101 that was asked for',
    request: UPGRADE,
    sent: `${head('HTTP/1.1 101 Switching Protocols', ...SWITCH, 'X: a')}raw`,
    gets: `${head('HTTP/1.1 101 Switching Protocols', 'X: a', ID, ...SWITCH)}raw`,
  },
  {
    name: '101 to something else',
    request: UPGRADE,
    sent: head('HTTP/1.1 101 Switching Protocols', 'Connection: Upgrade', 'Upgrade: h2c'),
    gets: 502,
  },
  { name: '101 to nothing', request: UPGRADE, sent: head('HTTP/1.1 101 Switching Protocols'), gets: 502 },
  {
    name: '101 with a length',
    request: UPGRADE,
    sent: `${head('HTTP/1.1 101 Switching Protocols', ...SWITCH, LENGTH)}hello`,
    gets: 502,
  },
  { name: '200 for an upgrade', request: UPGRADE, sent: `${ok(LENGTH)}hello`, gets: whole() },
  // One hop only.
  {
    name: 'Connection and what it names',
    sent: `${ok('Connection: X-Hop, close', 'X-Hop: a', 'Keep-Alive: x', LENGTH)}hello`,
    gets: whole(),
  },
  {
    name: 'Proxy headers',
    sent: `${ok('Proxy-Authenticate: Basic', 'Proxy-Connection: close', LENGTH)}hello`,
    gets: whole(),
  },
  {
    name: 'an offer to upgrade',
    sent: `${ok('Connection: Upgrade', 'Upgrade: h2c', LENGTH)}hello`,
    gets: whole(),
  },
  { name: 'an X-Request-Id', sent: `${ok('X-Request-Id: other', LENGTH)}hello`, gets: whole() },
];
