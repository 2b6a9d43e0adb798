import { once } from 'node:events';
import { type ClientHttp2Session, connect, type OutgoingHttpHeaders } from 'node:http2';
import { eventually } from '../../../../test/support/eventually.ts';
import { answered, ask as askSession } from '../../../../test/support/gateway-clients.ts';
import { CLIENT, upstreamAt } from '../../../../test/support/http-edge.ts';
import { useSite } from '../../../../test/support/http-pages.ts';
import type { Refusal, Upstream } from '../http1/upstream.ts';

const LIMITS = { head: 300, idle: 900, responseHead: 300, requestBody: 300, linger: 300, stalled: 300 };

let answer: Upstream | Refusal | undefined;
const site = useSite({
  isHttp2: true,
  limits: LIMITS,
  maxBodyBytes: 1000,
  route: () => answer ?? upstreamAt((site.server.address() as { port: number }).port),
});

let session: ClientHttp2Session;
beforeEach(async () => {
  answer = undefined;
  session = connect(`http://127.0.0.1:${site.edge.port}`);
  session.on('error', () => undefined);
  await once(session, 'connect');
});
afterEach(() => session.destroy());

const HEADERS = { ':scheme': 'https', ':authority': 'web.example.com' };
const ask = (path: string, more: OutgoingHttpHeaders & { body?: string } = {}) =>
  askSession(session, path, { ...HEADERS, ...more });
const statusOf = async (...asked: Parameters<typeof ask>) => (await ask(...asked)).headers[':status'];

describe('a request', () => {
  it('says who asked, and drops what only the gateway may say', async () => {
    await ask('/big', {
      'x-forwarded-for': '6.6.6.6',
      'x-real-ip': '6.6.6.6',
      forwarded: 'for=6.6.6.6',
      'proxy-a': 'b',
    });
    const { headers } = site.seen;
    expect(headers).toMatchObject({
      host: 'web.example.com',
      'x-forwarded-for': CLIENT.address,
      'x-forwarded-proto': 'https',
      forwarded: `for=${CLIENT.address};host="web.example.com";proto=https`,
    });
    expect(headers).not.toHaveProperty('x-real-ip');
    expect(headers).not.toHaveProperty('proxy-a');
  });

  it('has an id that the container, the visitor and the log agree on', async () => {
    const { headers } = await ask('/big', { 'x-request-id': 'mine' });
    expect([headers['x-request-id'], site.seen.headers['x-request-id']]).toEqual(['mine', 'mine']);
    expect(site.edge.records.at(-1)).toMatchObject({
      requestID: 'mine',
      status: 200,
      path: '/big',
      method: 'GET',
    });
  });

  it.each([
    ['//evil.example/x', 400],
    ['/\\evil.example/x', 400],
    // Node itself resets these.
    ['https://evil.example/x', undefined],
    ['x', undefined],
  ])('for %s is refused', async (path, status) => {
    const { requests } = site.edge.counters;
    expect(await statusOf(path)).toBe(status);
    expect(site.edge.counters.requests).toBe(requests);
  });

  it('is refused with a method that nobody knows, or a head that is too large', async () => {
    expect(await statusOf('/big', { ':method': 'get' })).toBe(501);
    expect(await statusOf('/big', { ':method': 'TRACE' })).toBe(405);
    expect(await statusOf('/big', { 'x-a': 'a'.repeat(20_000) })).toBe(431);
    expect(await statusOf(`/${'a'.repeat(9000)}`)).toBe(414);
  });

  it('is refused to CONNECT, and cannot become a WebSocket', async () => {
    const stream = session.request({ ':method': 'CONNECT', ':authority': 'evil.example:443' });
    expect((await answered(stream)).headers[':status']).toBe(405);
    expect(session.remoteSettings.enableConnectProtocol).toBe(false);
  });

  it('may have so large a body and no larger', async () => {
    expect(await statusOf('/echo', { body: 'x'.repeat(900) })).toBe(200);
    expect(await statusOf('/echo', { body: 'x'.repeat(2000) })).toBe(413);
    expect(await statusOf('/echo', { body: 'x'.repeat(2000), 'content-length': '2000' })).toBe(413);
    await eventually(() => expect(site.edge.counters.active).toBe(0));
  });
});

describe('an answer', () => {
  it('of the gateway itself has a status, an id and words', async () => {
    answer = { status: 503, reason: 'away', retryAfterSeconds: 7 };
    const { headers, body } = await ask('/');
    expect(headers).toMatchObject({ ':status': 503, 'retry-after': '7', 'x-request-id': expect.any(String) });
    expect(`${body}`).toMatch(/^503 Service Unavailable: away\n/);
  });

  it('is 502 when the container cannot be reached, and 504 when it says nothing', async () => {
    answer = { key: 'a', name: 'a', open: () => Promise.reject(new Error('secret')) };
    const { headers, body } = await ask('/');
    expect(headers[':status']).toBe(502);
    expect(`${body}`).not.toContain('secret');
    answer = undefined;
    site.pages['/never'] = () => undefined;
    expect(await statusOf('/never')).toBe(504);
    expect(site.edge.counters.timeouts).toBeGreaterThan(0);
  });

  it('sets no cookie for the domain that tenants share, and has no header of its hop', async () => {
    site.pages['/headers'] = (_, response) => {
      response.setHeader('Connection', 'keep-alive, X-Hop');
      response.setHeader('X-Hop', '1');
      response.setHeader('Set-Cookie', ['a=b; Domain=.example.com; Path=/', 'c=d']);
      response.setHeader('ETag', ['"a"', '"b"']);
      response.setHeader('__proto__', 'x');
      response.end();
    };
    const { headers } = await ask('/headers');
    expect(headers).toMatchObject({ ':status': 200, 'set-cookie': ['a=b; Path=/', 'c=d'], etag: '"a", "b"' });
    expect(headers).not.toHaveProperty('x-hop');
    expect(headers).not.toHaveProperty('keep-alive');
  });

  it('may come before its request has ended', async () => {
    const stream = session.request({ ...HEADERS, ':path': '/early', ':method': 'POST' });
    stream.write('a part');
    const { headers, body, code } = await answered(stream);
    expect([headers[':status'], `${body}`, code]).toEqual([413, 'too large', 0]);
    await eventually(() => expect(site.edge.counters.active).toBe(0));
    expect(site.edge.records.at(-1)).toMatchObject({ status: 413, path: '/early' });
    expect(site.edge.records.at(-1)).not.toHaveProperty('reason');
  });

  it.each([
    ['in chunks', {}],
    ['of a length that it has said', { 'Content-Length': 1000 }],
  ])('%s that breaks off does not look whole', async (_, headers) => {
    site.pages['/broken'] = (_, response) => {
      response.writeHead(200, headers);
      response.write('a part');
      setImmediate(() => response.destroy());
    };
    expect(await ask('/broken')).toMatchObject({ whole: false, code: 2 });
    expect(site.edge.records.at(-1)?.reason).toMatch(/before its response/);
  });
});

describe('a connection', () => {
  it('closes when nothing is asked', async () => {
    await new Promise((resolve) => session.once('close', resolve));
  });

  it('closes when nothing more is asked, and not before its time', async () => {
    await ask('/empty');
    const before = performance.now();
    await new Promise((resolve) => session.once('close', resolve));
    expect(performance.now() - before).toBeGreaterThan(LIMITS.idle - 100);
    await eventually(() => expect(site.edge.connections.size).toBe(0));
  });

  it('stays while something is under way', async () => {
    site.pages['/events'] = (_, response) => void response.writeHead(200).write('first');
    const stream = session.request({ ...HEADERS, ':path': '/events' });
    await once(stream, 'data');
    await new Promise((resolve) => setTimeout(resolve, 2 * LIMITS.idle));
    expect(session.destroyed).toBe(false);
  });

  it('says goodbye when the gateway stops, and lets what is under way end', async () => {
    const stream = session.request({ ...HEADERS, ':path': '/echo', ':method': 'POST' });
    stream.write('before, ');
    await once(stream, 'response');
    const goodbye = once(session, 'goaway');
    for (const connection of site.edge.connections) connection.drain();
    const end = answered(stream);
    stream.end('after');
    expect(`${(await end).body}`).toBe('before, after');
    expect((await goodbye)[0]).toBe(0);
    await eventually(() => expect(site.edge.connections.size).toBe(0));
  });

  it('takes its streams along when it breaks', async () => {
    const gone = Promise.withResolvers<void>();
    site.pages['/held'] = (question, response) => {
      response.flushHeaders();
      question.socket.once('close', gone.resolve);
    };
    const stream = session.request({ ...HEADERS, ':path': '/held' });
    stream.on('error', () => undefined);
    await once(stream, 'response');
    session.destroy();
    await gone.promise;
    await eventually(() => expect(site.edge.counters.active).toBe(0));
  });

  it('whose client takes nothing stops its container, and is cut off', async () => {
    let written = 0;
    site.pages['/endless'] = (_, response) => {
      const part = Buffer.alloc(64 * 1024);
      const more = () => {
        while (response.writable && response.write(part)) written += part.length;
      };
      response.on('drain', more);
      more();
    };
    const stream = session.request({ ...HEADERS, ':path': '/endless' });
    await once(stream, 'response');
    const { code } = await new Promise<{ code: number }>((resolve) => {
      stream.on('error', () => undefined);
      stream.once('close', () => resolve({ code: stream.rstCode }));
    });
    expect(code).not.toBe(0);
    expect(written).toBeLessThan(32 * 1024 * 1024);
  });
});
