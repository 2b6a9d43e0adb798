import { setImmediate } from 'node:timers/promises';
import { get, head, post, SECOND } from '../../../../test/corpus/http/message.ts';
import { type Line, useLines } from '../../../../test/support/http-line.ts';

const OK = head('HTTP/1.1 200 OK', 'Content-Length: 2');
const LENGTH = 'Content-Length: 5';

const open = useLines();
let line: Line;
beforeEach(() => {
  line = open();
});

describe('a route', () => {
  it('may refuse, and the next request is read', async () => {
    line = open({
      route: () => ({
        status: 401,
        reason: 'who are you?',
        headers: { 'WWW-Authenticate': 'Basic realm="a"' },
      }),
    });
    await line.ask(get() + get());
    const answer = line.client.take();
    expect(answer.match(/HTTP\/1.1 401 Unauthorized\r\n/g)).toHaveLength(2);
    expect(answer).toContain('WWW-Authenticate: Basic realm="a"\r\n');
    expect(answer).toContain('401 Unauthorized: who are you?\nRequest ID: ID\n');
    expect(line.client.ended).toBe(false);
  });

  it('that refuses a request with a body ends the connection', async () => {
    line = open({ route: () => ({ status: 403, reason: 'no' }) });
    await line.ask(post([LENGTH], SECOND));
    expect(line.client.take().match(/HTTP/g)).toHaveLength(1);
    expect(line.client.ended).toBe(true);
  });

  it('says when the peer is away, in the words the client understands', async () => {
    line = open({ route: () => ({ status: 503, reason: 'bob is away <now>', retryAfterSeconds: 30 }) });
    await line.ask(get());
    expect(line.client.take()).toMatch(
      /^HTTP\/1.1 503 Service Unavailable\r\n[\s\S]*Retry-After: 30\r\n[\s\S]*bob is away <now>\n/,
    );
    await line.ask(get('Accept: text/html,*/*'));
    expect(line.client.take()).toMatch(
      /Content-Type: text\/html[\s\S]*Retry-After: 30\r\n[\s\S]*bob is away &lt;now&gt;/,
    );
    await line.ask(get().replace('GET', 'HEAD'));
    expect(line.client.take()).toMatch(/Retry-After: 30\r\n\r\n$/);
  });

  it('may take its time, and reject', async () => {
    line = open({ route: () => setImmediate().then(() => Promise.reject(new Error('the secret reason'))) });
    await line.ask(get());
    const answer = line.client.take();
    expect(answer).toMatch(/^HTTP\/1.1 502 /);
    expect(answer).not.toContain('secret');
    expect(line.records[0]).toMatchObject({
      status: 502,
      reason: expect.stringContaining('the secret reason'),
    });
  });

  it('may throw', async () => {
    line = open({
      route: () => {
        throw new Error('a bug');
      },
    });
    await line.ask(get() + get());
    expect(line.client.take().match(/HTTP\/1.1 502 /g)).toHaveLength(2);
  });

  it('is told where the request before went', async () => {
    const seen: unknown[] = [];
    const web = { key: 'web', name: 'web', open: async () => line.open() };
    line = open({
      route: (_, current) => {
        seen.push(current);
        return web;
      },
    });
    await line.ask(get());
    await line.answer(`${OK}ok`);
    await line.ask(get());
    expect(seen).toEqual([undefined, web]);
  });
});
