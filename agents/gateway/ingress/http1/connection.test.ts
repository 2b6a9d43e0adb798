import {
  get,
  gets,
  head,
  post,
  posts,
  SECOND,
  SECOND_FORWARDED,
} from '../../../../test/corpus/http/message.ts';
import { type Line, useLines } from '../../../../test/support/http-line.ts';

const OK = head('HTTP/1.1 200 OK', 'Content-Length: 2');
const LENGTH = 'Content-Length: 5';
const answered = (...lines: readonly string[]) =>
  `${head('HTTP/1.1 200 OK', 'X-Request-Id: ID', 'Content-Length: 2', ...lines)}ok`;

const open = useLines();
let line: Line;
beforeEach(() => {
  line = open();
});

describe('one request after the other', () => {
  it('goes over one connection to the container', async () => {
    for (let request = 0; request < 3; request++) {
      await line.ask(get());
      expect(line.container.take()).toBe(gets());
      await line.answer(`${OK}ok`);
      expect(line.client.take()).toBe(answered());
    }
    expect(line.containers).toHaveLength(1);
    expect(line.counters).toMatchObject({ requests: 3, forwarded: 3, opened: 1, desyncs: 0 });
  });

  it('waits for its turn: a second request is sent behind the end of the first response', async () => {
    await line.ask(get() + SECOND);
    expect(line.container.take()).toBe(gets());
    await line.answer(`${OK}o`);
    expect(line.container.take()).toBe('');
    await line.answer('k');
    expect(line.container.take()).toBe(SECOND_FORWARDED);
    await line.answer(`${OK}ok`);
    expect(line.client.take()).toBe(answered() + answered());
  });

  it('may come byte by byte, and be answered byte by byte', async () => {
    for (const byte of post([LENGTH], 'hello')) await line.ask(byte);
    expect(line.container.take()).toBe(posts([LENGTH], 'hello'));
    for (const byte of `${OK}ok`) await line.answer(byte);
    expect(line.client.take()).toBe(answered());
  });

  it('closes behind a response to a client that asked for that', async () => {
    await line.ask(get('Connection: close'));
    await line.answer(`${OK}ok`);
    expect(line.client.take()).toBe(answered('Connection: close'));
    expect(line.client.ended).toBe(true);
  });

  it('opens another connection when the container closed its own', async () => {
    await line.ask(get());
    await line.answer(`${head('HTTP/1.1 200 OK', 'Connection: close', 'Content-Length: 2')}ok`);
    expect(line.client.take()).toBe(answered());
    expect(line.container.closed).toBe(true);
    await line.ask(get());
    expect(line.containers).toHaveLength(2);
    await line.answer(`${OK}ok`);
    expect(line.client.take()).toBe(answered());
  });

  it('logs each', async () => {
    await line.ask(get().replace('/a', '/a?secret=1'));
    await line.clock.advance(7);
    await line.answer(`${OK}ok`);
    expect(line.records).toEqual([
      {
        method: 'GET',
        host: 'web.example.com',
        path: '/a',
        status: 200,
        bytesIn: get().length + '?secret=1'.length,
        bytesOut: OK.length + 2 + 'X-Request-Id: 0d1e2f3a-4b5c-4d6e-8f9a-0b1c2d3e4f5a\r\n'.length,
        milliseconds: 7,
        requestID: expect.any(String),
        upstream: 'web',
      },
    ]);
  });
});

describe('another Host', () => {
  beforeEach(async () => {
    line = open({ route: ({ hostname }) => line.upstream(hostname) });
  });

  it('gets another connection, and the old one is closed', async () => {
    await line.ask(get());
    await line.answer(`${OK}ok`);
    await line.ask(get().replace('web', 'other'));
    expect(line.containers).toHaveLength(2);
    expect(line.container.closed).toBe(true);
    expect(line.containers[1]!.take()).toContain('Host: other.example.com\r\n');
    await line.answer(`${OK}ok`);
    expect(line.client.take()).toBe(answered() + answered());
  });

  it('never gets what the container of the first sent too much', async () => {
    await line.ask(get() + get().replace('web', 'other'));
    await line.answer(`${OK}ok${OK}no`);
    expect(line.client.take()).toBe(answered());
    expect(line.client.ended).toBe(true);
    expect(line.containers).toHaveLength(1);
    expect(line.counters.desyncs).toBe(1);
  });
});

describe('a container that sends what nobody asked for', () => {
  it('loses its client, which keeps what it got', async () => {
    await line.ask(get());
    await line.answer(`${OK}ok`);
    await line.answer(`${OK}no`);
    expect(line.client.take()).toBe(answered());
    expect(line.client.ended).toBe(true);
    expect(line.counters.desyncs).toBe(1);
    expect(line.container.closed).toBe(true);
  });

  it('has not answered a request whose body is still coming', async () => {
    await line.ask(post([LENGTH], 'he'));
    await line.answer(`${OK}ok${OK}no`);
    expect(line.client.take()).toBe(answered());
    expect(line.client.ended).toBe(true);
  });
});

describe('an edge that stops', () => {
  it('closes idle connections at once', async () => {
    await line.ask(get());
    await line.answer(`${OK}ok`);
    line.connection.drain();
    await line.clock.settle();
    expect(line.client.ended).toBe(true);
    expect(line.container.closed).toBe(true);
  });

  it('lets a request come to its end, and says that it is the last', async () => {
    await line.ask(get());
    line.connection.drain();
    await line.answer(`${OK}ok`);
    expect(line.client.take()).toBe(answered('Connection: close'));
    expect(line.client.ended).toBe(true);
  });

  it('answers a request that had begun, and none behind it', async () => {
    await line.ask(get().slice(0, 20));
    line.connection.drain();
    await line.ask(get().slice(20) + SECOND);
    await line.answer(`${OK}ok`);
    expect(line.container.take()).toBe(gets());
    expect(line.client.take()).toBe(answered('Connection: close'));
    expect(line.client.ended).toBe(true);
  });

  it('cuts everything off when it must', async () => {
    await line.ask(get());
    await line.stop();
    expect(line.client.closed).toBe(true);
    expect(line.container.closed).toBe(true);
    await line.connection.closed;
  });
});
