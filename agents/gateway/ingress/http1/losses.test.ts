import type { Duplex } from 'node:stream';
import { get, gets, head, post } from '../../../../test/corpus/http/message.ts';
import { type Line, useLines } from '../../../../test/support/http-line.ts';
import type { Upstream } from './upstream.ts';

const OK = head('HTTP/1.1 200 OK', 'Content-Length: 2');
const LENGTH = 'Content-Length: 5';
const answered = (...lines: readonly string[]) =>
  `${head('HTTP/1.1 200 OK', 'X-Request-Id: ID', 'Content-Length: 2', ...lines)}ok`;

const open = useLines();
let line: Line;
beforeEach(() => {
  line = open();
});

describe('a container that is lost', () => {
  const failing = async () => {
    throw new Error('ECONNREFUSED 127.0.0.1:1');
  };

  it('before it answers costs the client a 502, which says no more', async () => {
    await line.ask(get());
    line.container.stream.destroy(new Error('secret'));
    await line.clock.settle();
    const answer = line.client.take();
    expect(answer).toMatch(
      /^HTTP\/1.1 502 Bad Gateway\r\n[\s\S]*X-Request-Id: ID\r\n[\s\S]*Request ID: ID\n$/,
    );
    expect(answer).not.toContain('secret');
    await line.ask(get());
    expect(line.containers).toHaveLength(2);
  });

  it('within its head is not asked again', async () => {
    await line.ask(get());
    await line.answer('HTTP/1.1 200 OK\r\nX');
    line.container.stream.end();
    await line.clock.settle();
    expect(line.client.take()).toMatch(/^HTTP\/1.1 502 /);
    expect(line.containers).toHaveLength(1);
  });

  it('within its response breaks the connection, so that nobody takes it for whole', async () => {
    await line.ask(get());
    await line.answer(`${OK}o`);
    line.container.stream.end();
    await line.clock.settle();
    expect(line.client.closed).toBe(true);
    expect(line.client.ended).toBe(false);
    expect(line.records[0]).toMatchObject({
      status: 200,
      reason: expect.stringContaining('before its response'),
    });
  });

  it('by a reset is no end of a response that ends with the connection', async () => {
    await line.ask(get());
    await line.answer(`${head('HTTP/1.1 200 OK')}he`);
    line.container.stream.destroy();
    await line.clock.settle();
    expect(line.client.take()).toMatch(/2\r\nhe\r\n$/);
    expect(line.client.closed).toBe(true);
  });

  it('cannot be opened: 502', async () => {
    line = open({ open: failing });
    await line.ask(get() + get());
    expect(line.client.take().match(/HTTP\/1.1 502 /g)).toHaveLength(2);
    expect(line.records[0]).toMatchObject({
      reason: expect.stringContaining('ECONNREFUSED'),
      upstream: 'web',
    });
  });

  it('cannot be opened, and the error says what to answer', async () => {
    const refusal = { status: 503, reason: 'bob is away', retryAfterSeconds: 10 };
    line = open({ open: () => Promise.reject(Object.assign(new Error('no tunnel'), { refusal })) });
    await line.ask(get());
    expect(line.client.take()).toMatch(/^HTTP\/1.1 503 [\s\S]*Retry-After: 10\r\n[\s\S]*bob is away\n/);
    expect(line.records[0]!.reason).toContain('no tunnel');
  });

  it('while it idled is replaced without a word', async () => {
    await line.ask(get());
    await line.answer(`${OK}ok`);
    line.container.stream.end();
    await line.clock.settle();
    expect(line.client.ended).toBe(false);
    await line.ask(get());
    await line.answer(`${OK}ok`);
    expect(line.client.take()).toBe(answered() + answered());
    expect(line.counters).toMatchObject({ opened: 2, retries: 0 });
  });

  it('while the next request asks for its way does no harm to that', async () => {
    const way = Promise.withResolvers<Upstream>();
    const ways = [line.upstream('web'), way.promise];
    const before = line;
    line = open({ route: () => ways.shift()! });
    await line.ask(get());
    await line.answer(`${OK}ok`, before.container);
    await line.ask(get());
    before.container.stream.end();
    await line.clock.settle();
    expect(line.client.take()).toBe(answered());
    way.resolve(line.upstream('web'));
    await line.clock.settle();
    await line.answer(`${OK}ok`);
    expect(line.client.take()).toBe(answered());
  });

  it('just when an idempotent request was on its way is asked again, once', async () => {
    await line.ask(get());
    await line.answer(`${OK}ok`);
    await line.ask(get());
    line.container.stream.end();
    await line.clock.settle();
    expect(line.containers).toHaveLength(2);
    expect(line.containers[1]!.take()).toBe(gets());
    line.containers[1]!.stream.end();
    await line.clock.settle();
    expect(line.containers).toHaveLength(2);
    expect(line.client.take()).toMatch(/HTTP\/1.1 502 /);
    expect(line.counters.retries).toBe(1);
  });

  it.each([
    ['a POST', post([])],
    ['a body', post([LENGTH], 'hello').replace('POST', 'PUT')],
    ['an upgrade', get('Connection: Upgrade', 'Upgrade: websocket')],
  ])('just when %s was on its way is not asked again', async (_, request) => {
    await line.ask(get());
    await line.answer(`${OK}ok`);
    await line.ask(request);
    line.container.stream.end();
    await line.clock.settle();
    expect(line.containers).toHaveLength(1);
    expect(line.client.take()).toMatch(/HTTP\/1.1 502 /);
  });
});

describe('a client that leaves', () => {
  it('takes the connection to the container with it', async () => {
    await line.ask(get());
    line.client.stream.destroy();
    await line.clock.settle();
    expect(line.container.closed).toBe(true);
    expect(line.records[0]).toMatchObject({ status: 0, reason: expect.stringContaining('left') });
  });

  it('while the container is opened is not waited for', async () => {
    let aborted = false;
    const opening = Promise.withResolvers<Duplex>();
    line = open({
      open: (signal) => {
        signal.addEventListener('abort', () => {
          aborted = true;
        });
        return opening.promise;
      },
    });
    await line.ask(get());
    line.client.stream.destroy();
    await line.clock.settle();
    expect(aborted).toBe(true);
    opening.resolve(line.open());
    await line.clock.settle();
    expect(line.container.closed).toBe(true);
  });

  it('within its request cuts that off', async () => {
    await line.ask(post([LENGTH], 'he'));
    line.client.stream.end();
    await line.clock.settle();
    expect(line.container.closed).toBe(true);
    expect(line.container.ended).toBe(false);
  });

  it('by half is still answered', async () => {
    await line.ask(get());
    line.client.stream.end();
    await line.clock.settle();
    await line.answer(`${OK}ok`);
    expect(line.client.take()).toBe(answered());
    expect(line.client.ended).toBe(true);
  });
});
