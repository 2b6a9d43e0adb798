import { once } from 'node:events';
import { connect, type ServerHttp2Stream } from 'node:http2';
import { connect as connectTcp } from 'node:net';
import { eventually } from '../../../../test/support/eventually.ts';
import { answered } from '../../../../test/support/gateway-clients.ts';
import { HEADERS, useH2c } from '../../../../test/support/h2c-site.ts';

/** Streams that a container, or its visitor, breaks off. */

const site = useH2c();

it.each([
  ['CANCEL', 8],
  ['REFUSED_STREAM', 7],
  ['ENHANCE_YOUR_CALM', 11],
])('resets a stream with %s, and so does the edge', async (_, code) => {
  site.handle = (stream) => stream.close(code);
  expect(await site.ask()).toMatchObject({ code, headers: {} });
});

it.each([
  ['INTERNAL_ERROR', 2],
  ['no error', 0],
])('resets a stream with %s, and the edge answers 502', async (_, code) => {
  site.handle = (stream) => stream.close(code);
  expect((await site.ask()).headers[':status']).toBe(502);
  expect((await site.ask({ ':method': 'POST', body: 'x'.repeat(100_000) })).headers[':status']).toBe(502);
});

it.each([
  ['resets a stream', (stream: ServerHttp2Stream) => void stream.destroy(new Error('no'))],
  ['dies', (stream: ServerHttp2Stream) => void stream.session?.destroy()],
])('that %s within a response leaves none that looks whole', async (_, break_) => {
  site.handle = (stream) => {
    stream.respond({}, { waitForTrailers: true });
    stream.write('a part');
    setTimeout(break_, 20, stream);
  };
  expect(await site.ask()).toMatchObject({ headers: { ':status': 200 }, whole: false });
});

it.each([
  ['in chunks', {}],
  ['of a length', { 'content-length': 1000 }],
])('hears that a visitor gave up, and does not take a body %s for whole', async (_, length) => {
  const closed = Promise.withResolvers<[code: number, ended: boolean]>();
  site.handle = (stream) => {
    let ended = false;
    stream.respond();
    stream.on('end', () => {
      ended = !stream.aborted;
    });
    stream.resume();
    stream.once('close', () => closed.resolve([stream.rstCode, ended]));
  };
  const abort = new AbortController();
  const stream = site.session.request({ ...HEADERS, ...length, ':method': 'POST' }, { signal: abort.signal });
  stream.on('error', () => undefined);
  stream.write('a part');
  await once(stream, 'response');
  abort.abort();
  expect(await closed.promise).toEqual([8, false]);
});

it('and its visitor are rid of each other when the visitor goes without a word', async () => {
  const held = Promise.withResolvers<void>();
  site.handle = (stream) => {
    stream.respond();
    stream.pause();
    held.resolve();
  };
  const socket = connectTcp({ port: site.edge.port, host: '127.0.0.1', noDelay: true });
  const other = connect('http://edge', { createConnection: () => socket });
  other.on('error', () => undefined);
  const stream = other.request({ ...HEADERS, ':method': 'POST' });
  stream.on('error', () => undefined);
  stream.write(Buffer.alloc(4 * 1024 * 1024));
  await held.promise;
  socket.destroy();
  await eventually(() => expect([site.edge.counters.active, site.sessions.size]).toEqual([0, 0]));
});

it('hears that a visitor gave up without an error while it took nothing', async () => {
  const closed = Promise.withResolvers<void>();
  const held = Promise.withResolvers<void>();
  site.handle = (stream) => {
    stream.pause();
    stream.once('aborted', closed.resolve);
    held.resolve();
  };
  const stream = site.session.request({ ...HEADERS, ':method': 'POST' });
  stream.write(Buffer.alloc(4 * 1024 * 1024));
  await held.promise;
  // Node says NO_ERROR then.
  stream.destroy();
  await closed.promise;
});

it('may answer before it has read all, and nothing of that stays behind', async () => {
  site.handle = (stream) => {
    stream.respond();
    stream.end('early');
  };
  const stream = site.session.request({ ...HEADERS, ':method': 'POST' });
  const answer = answered(stream);
  stream.write(Buffer.alloc(4 * 1024 * 1024));
  expect(`${(await answer).body}`).toBe('early');
  site.session.close();
  await eventually(() => expect(site.edge.connections.size).toBe(0));
});
