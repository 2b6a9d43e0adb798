import { once } from 'node:events';
import { createServer, request } from 'node:http';
import { connect as connectHttp2, createServer as createHttp2Server } from 'node:http2';
import { finished } from 'node:stream/promises';
import type { ResetReason, TunnelError } from '../../agents/adapters/transport/tunnel/tunnel.ts';
import { eventually } from '../support/eventually.ts';
import { pattern, readAll, type TunnelWorld } from './tunnel-world.ts';

const MiB = 1024 * 1024;

/** What every stream of a tunnel must do. */
export function describeTunnelStreams(world: TunnelWorld): void {
  test('brings the header to the answerer, and says when it was accepted', async () => {
    const headers: string[] = [];
    const { opener } = await world.connect((incoming) => {
      headers.push(Buffer.from(incoming.header).toString());
      incoming.accept();
    });
    const stream = opener.open(Buffer.from('web.example.com'));
    await once(stream, 'connect');
    expect(headers).toEqual(['web.example.com']);
  });

  test('keeps 20 MiB whole and in order both ways', async () => {
    const { opener } = await world.connect();
    const stream = opener.open(new Uint8Array());
    const sent = pattern(20 * MiB);
    stream.end(sent);
    expect(Buffer.compare(await readAll(stream), sent)).toBe(0);
  });

  test('sends what was written before the answer, and an empty chunk is none', async () => {
    const { opener } = await world.connect(async (incoming) => {
      await new Promise((resolve) => setTimeout(resolve, 50));
      const stream = incoming.accept();
      stream.pipe(stream);
    });
    const stream = opener.open(new Uint8Array());
    stream.write('');
    stream.write('early');
    stream.end();
    expect((await readAll(stream)).toString()).toBe('early');
  });

  test('closes one half and still reads from the other, either way round', async () => {
    const { near, far } = await world.openBoth();
    near.end('question');
    expect((await readAll(far)).toString()).toBe('question');
    far.end('answer');
    expect((await readAll(near)).toString()).toBe('answer');
    const other = await world.openBoth();
    other.far.end('greeting');
    expect((await readAll(other.near)).toString()).toBe('greeting');
    other.near.end('thanks');
    expect((await readAll(other.far)).toString()).toBe('thanks');
  });

  test.each<ResetReason>([
    'Cancelled',
    'NoRoute',
    'NotReady',
    'ConnectFailed',
    'TooManyStreams',
    'InternalError',
  ])('says that it was refused as %s', async (reason) => {
    const { opener } = await world.connect((incoming) => incoming.refuse(reason));
    const [error] = await once(opener.open(new Uint8Array()), 'error').catch((thrown) => [thrown]);
    expect(error).toMatchObject({ name: 'TunnelError', reason });
  });

  test('refuses a stream whose handler throws or rejects', async () => {
    for (const fail of [() => Promise.reject(new Error('no')), () => raise()]) {
      const { opener } = await world.connect(fail);
      await expect(finished(opener.open(new Uint8Array()))).rejects.toMatchObject({
        reason: 'InternalError',
      });
    }
  });

  test('lets the other side know of a reset, which is not an end', async () => {
    for (const broken of ['near', 'far'] as const) {
      const ends = await world.openBoth();
      const other = ends[broken === 'near' ? 'far' : 'near'];
      ends[broken].write('half of it');
      await once(other, 'data');
      const failure = once(other, 'error').catch((error: TunnelError) => [error]);
      let ended = false;
      other.once('end', () => {
        ended = true;
      });
      ends[broken].destroy();
      expect(await failure).toMatchObject([{ name: 'TunnelError', reason: 'Cancelled' }]);
      expect([ended, other.destroyed]).toEqual([false, true]);
    }
  });

  test('loses nothing that came before the end when the other side is gone since', async () => {
    const { pair, near, far } = await world.openBoth();
    near.end();
    far.end(pattern(100_000));
    far.resume();
    await once(far, 'close');
    await eventually(() => expect([pair.opener.streams, pair.answerer.streams]).toEqual([0, 0]));
    pair.cut();
    await pair.opener.closed;
    expect(Buffer.compare(await readAll(near), pattern(100_000))).toBe(0);
  });

  test('ends nothing but itself by an error that nobody listens for', async () => {
    const { opener } = await world.connect((incoming) => incoming.refuse('NoRoute'));
    const stream = opener.open(new Uint8Array());
    await eventually(() => stream.destroyed);
  });

  test('carries HTTP/1.1', async () => {
    const server = createServer((incoming, response) => incoming.pipe(response));
    const { opener } = await world.connect((incoming) => void server.emit('connection', incoming.accept()));
    const createConnection = () => opener.open(new Uint8Array());
    const sent = request({ method: 'POST', createConnection, headers: { connection: 'close' } });
    sent.end('a body');
    const [response] = await once(sent, 'response');
    const [body] = await Promise.all([readAll(response), once(sent, 'close')]);
    expect(body.toString()).toBe('a body');
  });

  test('carries HTTP/2', async () => {
    const server = createHttp2Server((incoming, response) => incoming.pipe(response));
    const { opener } = await world.connect((incoming) => void server.emit('connection', incoming.accept()));
    const createConnection = () => opener.open(new Uint8Array());
    const session = connectHttp2('http://web', { createConnection });
    const bodies = Array.from({ length: 10 }, async (_, index) => {
      const stream = session.request({ ':method': 'POST', ':path': '/' });
      stream.end(pattern(300_000, index));
      expect(Buffer.compare(await readAll(stream), pattern(300_000, index))).toBe(0);
    });
    await Promise.all(bodies);
    session.close();
    await once(session, 'close');
  });
}

function raise(): never {
  throw new Error('no');
}
