import fc from 'fast-check';
import { BAD_RESPONSES } from '../../../../test/corpus/http/bad-responses.ts';
import { CHUNKS } from '../../../../test/corpus/http/chunks.ts';
import { FRAMING } from '../../../../test/corpus/http/framing.ts';
import { HOPS } from '../../../../test/corpus/http/hops.ts';
import { HOSTS } from '../../../../test/corpus/http/hosts.ts';
import { LIMITS } from '../../../../test/corpus/http/limits.ts';
import { LINES } from '../../../../test/corpus/http/lines.ts';
import { get, head, post } from '../../../../test/corpus/http/message.ts';
import { REQUEST_LINES } from '../../../../test/corpus/http/request-lines.ts';
import { RESPONSES } from '../../../../test/corpus/http/responses.ts';
import { bodyOf } from './body.ts';
import { RequestHeadReader } from './request-head.ts';
import { ResponseHeadReader } from './response-head.ts';

const REQUESTS = [FRAMING, CHUNKS, LINES, REQUEST_LINES, HOSTS, HOPS, LIMITS].flat().map(([, sent]) => sent);
const ASKED = { method: 'GET', minor: 1, upgrade: false } as const;

const latin1 = (text: string) => Buffer.from(text, 'latin1');

/** What a reader makes of bytes that come in parts, with how many of them it took. */
function readInParts<T extends { kind: string }>(
  read: (bytes: Buffer) => T | undefined,
  bytes: Buffer,
  sizes: readonly number[],
): unknown {
  let at = 0;
  for (let part = 0; at < bytes.length; part++) {
    const size = sizes[part % sizes.length]!;
    const found = read(bytes.subarray(at, at + size));
    if (found && 'consumed' in found)
      return { ...found, lines: undefined, consumed: at + Number(found.consumed) };
    if (found) return found;
    at += size;
  }
  return undefined;
}

const sizes = fc.array(fc.oneof(fc.integer({ min: 1, max: 8 }), fc.integer({ min: 1, max: 5000 })), {
  minLength: 1,
  maxLength: 20,
});

describe('however its bytes are split', () => {
  it('a request is read the same', () => {
    fc.assert(
      fc.property(fc.constantFrom(...REQUESTS), sizes, (sent, parts) => {
        const bytes = latin1(sent);
        const [whole, split] = [new RequestHeadReader(), new RequestHeadReader()];
        const expected = readInParts((part) => whole.read(part), bytes, [bytes.length]);
        expect(readInParts((part) => split.read(part), bytes, parts)).toEqual(expected);
      }),
      { numRuns: 1000 },
    );
  });

  it('a response is read the same', () => {
    fc.assert(
      fc.property(fc.constantFrom(...RESPONSES, ...BAD_RESPONSES), sizes, ({ sent }, parts) => {
        const bytes = latin1(sent);
        const [whole, split] = [new ResponseHeadReader(), new ResponseHeadReader()];
        const expected = readInParts((part) => whole.read(part, ASKED), bytes, [Math.max(1, bytes.length)]);
        expect(readInParts((part) => split.read(part, ASKED), bytes, parts)).toEqual(expected);
      }),
    );
  });

  it('a chunked body ends at the same place, or is refused', () => {
    const bodies = CHUNKS.map(([, sent]) => latin1(sent.slice(sent.indexOf('\r\n\r\n') + 4)));
    fc.assert(
      fc.property(fc.constantFrom(...bodies), sizes, (bytes, parts) => {
        const [whole, split] = [bodyOf('chunked'), bodyOf('chunked')];
        const end = whole.take(bytes, 0);
        let at = 0;
        for (let part = 0; at >= 0 && at < bytes.length && !split.done; part++) {
          const next = Math.min(bytes.length, at + parts[part % parts.length]!);
          at = split.take(bytes.subarray(0, next), at);
        }
        expect({ at, done: split.done }).toEqual({ at: end, done: whole.done });
      }),
      { numRuns: 1000 },
    );
  });
});

describe('a request', () => {
  const read = (text: string) => new RequestHeadReader().read(latin1(text));

  it('says what a relay must know of it', () => {
    expect(read(`${post(['Content-Length: 5', 'X: a'])}hello`)).toMatchObject({
      kind: 'head',
      method: 'POST',
      target: '/a',
      minor: 1,
      host: 'web.example.com',
      hostname: 'web.example.com',
      body: 5,
      upgrade: false,
      expectContinue: false,
      keepAlive: true,
      consumed: post(['Content-Length: 5', 'X: a']).length,
    });
  });

  it.each([
    ['a length', post(['Content-Length: 5']), { body: 5 }],
    ['chunks', post(['Transfer-Encoding: chunked']), { body: 'chunked' }],
    ['no body', get(), { body: 'none' }],
    ['close', get('Connection: close'), { keepAlive: false }],
    ['HTTP/1.0', head('GET / HTTP/1.0', 'Host: a', 'Connection: keep-alive'), { minor: 0, keepAlive: false }],
    ['an upgrade', get('Connection: upgrade', 'Upgrade: websocket'), { upgrade: true }],
    ['an expectation', post(['Expect: 100-continue', 'Content-Length: 5']), { expectContinue: true }],
    ['a port', head('GET / HTTP/1.1', 'Host: A.Example:80'), { host: 'A.Example:80', hostname: 'a.example' }],
    ['what Connection names', get('Connection: close, X-Hop'), { named: ['x-hop'] }],
  ])('with %s', (_, text, expected) => {
    expect(read(text)).toMatchObject(expected);
  });

  it('shows any of its headers', () => {
    const found = read(get('Cookie: a', 'X-One:  b ', 'cookie: c'));
    if (found?.kind !== 'head') throw new Error('no head');
    expect(found.lines.valueOfName('cookie')).toBe('a, c');
    expect(found.lines.valueOfName('x-one')).toBe('b');
    expect(found.lines.valueOfName('x-two')).toBeUndefined();
  });
});
