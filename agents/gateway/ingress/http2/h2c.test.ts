import { once } from 'node:events';
import { connect, type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2';
import { eventually } from '../../../../test/support/eventually.ts';
import { answered, ask as askSession } from '../../../../test/support/gateway-clients.ts';
import { HEADERS, useH2c } from '../../../../test/support/h2c-site.ts';

/** A container that speaks HTTP/2. */

const site = useH2c();

it('gets requests with their body and trailers, and who asked', async () => {
  const seen: IncomingHttpHeaders[] = [];
  site.handle = (stream, headers) => {
    seen.push(headers);
    stream.on('trailers', (trailers) => seen.push(trailers));
    stream.on('end', () => stream.respond({}, { endStream: true }));
    stream.resume();
  };
  const stream = site.session.request(
    { ...HEADERS, ':method': 'POST', te: 'trailers' },
    { waitForTrailers: true },
  );
  stream.on('wantTrailers', () => stream.sendTrailers({ 'x-sum': '1', 'x-forwarded-for': '6.6.6.6' }));
  stream.end('body');
  expect((await answered(stream)).headers[':status']).toBe(200);
  expect(seen[0]).toMatchObject({
    ':method': 'POST',
    ':path': '/',
    ':scheme': 'http',
    ':authority': 'web.example.com',
    te: 'trailers',
    'x-forwarded-for': '192.0.2.7',
  });
  expect(Object.keys(seen[1] ?? {})).toEqual(['x-sum']);
});

it('may answer with trailers alone, as gRPC does when it fails at once', async () => {
  site.handle = (stream) =>
    stream.respond({ 'grpc-status': '5', 'content-type': 'application/grpc' }, { endStream: true });
  const stream = site.session.request({ ...HEADERS, ':method': 'POST' });
  const [headers, flags] = await once(stream, 'response');
  expect([headers['grpc-status'], flags & 1]).toEqual(['5', 1]);
  stream.close();
});

it('may send and get as many headers as a head may have, and what the gateway adds', async () => {
  const headers = (count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, index) => [`x-${index}`, 'x'.repeat(140)]));
  let seen = 0;
  site.handle = (stream, asked) => {
    seen = Object.keys(asked).filter((name) => /^x-\d/.test(name)).length;
    // Node adds a Date: that makes 100.
    stream.respond({ ...headers(98), 'content-length': '2' });
    stream.end('ok');
  };
  const { headers: got, body } = await site.ask(headers(99));
  expect(Object.keys(got).filter((name) => /^x-\d/.test(name))).toHaveLength(98);
  expect([seen, `${body}`]).toEqual([99, 'ok']);
});

it('keeps what it says of its length', async () => {
  site.handle = (stream, { ':method': method }) => {
    stream.respond({ 'content-length': '5' });
    if (method !== 'HEAD') stream.end('12345');
  };
  expect(await site.ask()).toMatchObject({ headers: { 'content-length': '5' }, whole: true });
  expect(await site.ask({ ':method': 'HEAD' })).toMatchObject({
    headers: { 'content-length': '5' },
    whole: true,
  });
});

it('has one connection of each visitor, and none that two share', async () => {
  const ports = new Set<number | undefined>();
  site.handle = (stream) => {
    ports.add(stream.session?.socket.remotePort);
    stream.respond({}, { endStream: true });
  };
  await Promise.all(Array.from({ length: 20 }, () => site.ask()));
  expect(ports.size).toBe(1);
  const other = connect(`http://127.0.0.1:${site.edge.port}`);
  await askSession(other, '/', HEADERS);
  expect(ports.size).toBe(2);
  other.destroy();
});

it('gets a new connection once it has said goodbye on the old one', async () => {
  const seen = new Set<unknown>();
  site.handle = (stream) => {
    seen.add(stream.session);
    stream.respond({}, { endStream: true });
    stream.session?.close();
  };
  for (let round = 1; round <= 3; round++) {
    await eventually(async () => expect((await site.ask()).headers[':status']).toBe(200));
  }
  expect(seen.size).toBe(3);
});

it('that takes nothing stops its visitor', async () => {
  const held = Promise.withResolvers<ServerHttp2Stream>();
  site.handle = (stream) => {
    stream.respond();
    stream.pause();
    held.resolve(stream);
  };
  const stream = site.session.request({ ...HEADERS, ':method': 'POST' });
  let sent = 0;
  const part = Buffer.alloc(64 * 1024);
  const pump = () => {
    while (stream.write(part)) sent += part.length;
    sent += part.length;
  };
  stream.on('drain', pump);
  pump();
  const container = await held.promise;
  let before = -1;
  await eventually(
    () => {
      const stands = sent === before;
      before = sent;
      return stands;
    },
    { intervalMs: 200 },
  );
  expect(sent).toBeLessThan(4 * 1024 * 1024);
  container.resume();
  await eventually(() => expect(sent).toBeGreaterThan(8 * 1024 * 1024));
  stream.destroy();
});
