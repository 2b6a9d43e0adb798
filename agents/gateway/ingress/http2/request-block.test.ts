import fc from 'fast-check';
import { RequestHeadReader } from '../http1/request-head.ts';
import { requestHead } from './request-block.ts';

const GET = [':method', 'GET', ':scheme', 'https', ':authority', 'web.example.com', ':path', '/a?b'];

/** The same with another value, or without the name where there is none. */
function but(name: string, value?: string): string[] {
  const at = GET.indexOf(name);
  return [...GET.slice(0, at), ...(value === undefined ? [] : [name, value]), ...GET.slice(at + 2)];
}

function written(raw: readonly string[], ends = true): string {
  const head = requestHead(raw, ends);
  return head.kind === 'rejection' ? `${head.status} ${head.reason}` : head.bytes.toString('latin1');
}

describe('a request block', () => {
  it('becomes a head of HTTP/1.1', () => {
    expect(written([...GET, 'accept', '*/*', 'x-a', '\xe9 b'])).toBe(
      'GET /a?b HTTP/1.1\r\nhost: web.example.com\r\naccept: */*\r\nx-a: \xe9 b\r\n\r\n',
    );
  });

  it('says how its body ends', () => {
    expect(written(GET, false)).toContain('transfer-encoding: chunked\r\n');
    expect(written([...GET, 'content-length', '5'], false)).not.toContain('transfer-encoding');
    expect(requestHead([...GET, 'content-length', '5'], false)).toMatchObject({ framing: 5 });
  });

  it('joins cookies, each of which may come on its own', () => {
    expect(written([...GET, 'cookie', 'a=1', 'x', 'y', 'cookie', 'b=2'])).toContain('cookie: a=1; b=2\r\n');
  });

  it('may name its host as HTTP/1.1 does', () => {
    expect(written([...but(':authority'), 'host', 'a.example.com'])).toContain('host: a.example.com\r\n');
    expect(written([...GET, 'host', 'web.example.com']).match(/host:/g)).toHaveLength(1);
  });

  it.each([
    ['CONNECT', but(':method', 'CONNECT'), 405],
    ['no method', but(':method'), 400],
    ['no path', but(':path'), 400],
    ['no authority', but(':authority'), 400],
    ['another scheme', but(':scheme', 'http'), 400],
    ['two paths', [...GET, ':path', '/b'], 400],
    ['a pseudo-header behind a header', [...but(':path'), 'x', 'y', ':path', '/'], 400],
    ['another Host', [...GET, 'host', 'other.example.com'], 400],
    ['two Hosts', [...but(':authority'), 'host', 'a.example.com', 'host', 'b.example.com'], 400],
    ['a length without a body', [...GET, 'content-length', '5'], 400],
    ['a line break in a value', [...GET, 'x', 'a\r\ny: b'], 400],
    ['a line feed in a value', [...GET, 'x', 'a\ny: b'], 400],
    ['a blank behind a value', [...GET, 'x', 'a '], 400],
    ['a NUL in a value', [...GET, 'x', 'a\0'], 400],
    ['a line break in the path', but(':path', '/ HTTP/1.1\r\nx: y'), 400],
    ['a line break in the method', but(':method', 'GET / HTTP/1.1\r\nx: y\r\n\r\nGET'), 400],
    ['a line break in the authority', but(':authority', 'a\r\nx: y'), 400],
    ['a line break in a name', [...GET, 'x\r\ny', 'z'], 400],
    ['a colon in a name', [...GET, 'x: y\r\nz', ''], 400],
    ['a capital in a name', [...GET, 'X', 'y'], 400],
    ['an empty name', [...GET, '', 'y'], 400],
    ['Connection', [...GET, 'connection', 'close'], 400],
    ['Keep-Alive', [...GET, 'keep-alive', 'timeout=5'], 400],
    ['Proxy-Connection', [...GET, 'proxy-connection', 'close'], 400],
    ['Transfer-Encoding', [...GET, 'transfer-encoding', 'chunked'], 400],
    ['Upgrade', [...GET, 'upgrade', 'websocket'], 400],
    ['TE other than trailers', [...GET, 'te', 'gzip'], 400],
  ])('is refused with %s', (_, raw, status) => {
    expect(written(raw)).toMatch(new RegExp(`^${status} `));
  });

  it('is one head and nothing else, whatever is in it', () => {
    const text = fc.string({ unit: fc.constantFrom(...' /:\r\n\0aZ.-_\\#?\t\xff1'), maxLength: 12 });
    const name = fc.oneof(text, fc.constantFrom('x', 'content-length', 'host', 'cookie', 'te'));
    const given = fc.record({
      method: fc.oneof(text, fc.constantFrom('GET', 'POST')),
      path: text.map((rest) => `/${rest}`),
      host: fc.oneof(text, fc.constant('a.example.com')),
      fields: fc.array(fc.tuple(name, text), { maxLength: 4 }),
      ends: fc.boolean(),
    });
    const property = fc.property(given, ({ method, path, host, fields, ends }) => {
      const pseudo = [':method', method, ':scheme', 'https', ':authority', host, ':path', path];
      const head = requestHead([...pseudo, ...fields.flat()], ends);
      if (head.kind === 'rejection') return;
      const read = new RequestHeadReader().read(head.bytes);
      if (read?.kind === 'rejection') return;
      expect(read).toMatchObject({ method, target: path, host, body: head.framing });
      expect(read?.consumed).toBe(head.bytes.length);
    });
    fc.assert(property, { numRuns: 2000 });
  });
});
