import { head, post, posts, SECOND, SECOND_FORWARDED } from '../../../../test/corpus/http/message.ts';
import { type Line, useLines } from '../../../../test/support/http-line.ts';

const OK = head('HTTP/1.1 200 OK', 'Content-Length: 2');
const LENGTH = 'Content-Length: 5';
const CHUNKED = 'Transfer-Encoding: chunked';
const answered = (...lines: readonly string[]) =>
  `${head('HTTP/1.1 200 OK', 'X-Request-Id: ID', 'Content-Length: 2', ...lines)}ok`;

const open = useLines();
let line: Line;
beforeEach(() => {
  line = open();
});

describe('a body', () => {
  it('passes as it comes', async () => {
    await line.ask(post([CHUNKED], '5\r\nhe'));
    expect(line.container.take()).toBe(posts([CHUNKED], '5\r\nhe'));
    await line.ask('llo\r\n');
    expect(line.container.take()).toBe('llo\r\n');
    await line.ask('0\r\n\r\n');
    expect(line.container.take()).toBe('0\r\n\r\n');
    await line.answer(`${OK}ok`);
    expect(line.client.take()).toBe(answered());
  });

  it('passes both ways at once', async () => {
    await line.ask(post([CHUNKED]));
    await line.answer(head('HTTP/1.1 200 OK', CHUNKED));
    line.client.take();
    for (const part of ['1\r\na\r\n', '1\r\nb\r\n', '0\r\n\r\n']) {
      await line.ask(part);
      await line.answer(part);
      expect(line.client.take()).toBe(part);
    }
    await line.ask(SECOND);
    expect(line.containers).toHaveLength(1);
    expect(line.container.take()).toContain(SECOND_FORWARDED);
  });

  it('that is no longer one after its beginning ends the request', async () => {
    await line.ask(post([CHUNKED], '5\r\nhello\r\n'));
    line.container.take();
    await line.ask(`x${SECOND}`);
    expect(line.container.take()).toBe('');
    expect(line.container.closed).toBe(true);
    expect(line.client.take()).toMatch(/^HTTP\/1.1 400 /);
    expect(line.client.ended).toBe(true);
  });

  it('is not relayed when it is announced larger than allowed', async () => {
    await line.ask(post(['Content-Length: 1001'], 'x'));
    expect(line.containers).toHaveLength(0);
    expect(line.client.take()).toMatch(/^HTTP\/1.1 413 [\s\S]*Connection: close/);
    expect(line.client.ended).toBe(true);
  });

  it('is cut off when it becomes larger than allowed', async () => {
    await line.ask(post([CHUNKED], `${'5\r\nhello\r\n'.repeat(99)}`));
    await line.ask('5\r\nhello\r\n');
    expect(line.client.take()).toBe('');
    await line.ask('5\r\nhello\r\n');
    expect(line.client.take()).toMatch(/^HTTP\/1.1 413 /);
    expect(line.container.closed).toBe(true);
  });

  it('may come to its end behind the response', async () => {
    await line.ask(post([LENGTH], 'he'));
    await line.answer(`${OK}ok`);
    expect(line.client.take()).toBe(answered());
    await line.ask(`llo${SECOND}`);
    expect(line.container.take()).toBe(posts([LENGTH], 'hello') + SECOND_FORWARDED);
  });

  it('has nobody to read it when the container closes behind its response', async () => {
    await line.ask(post([LENGTH], 'he'));
    await line.answer(`${head('HTTP/1.1 413 Too Large', 'Connection: close', 'Content-Length: 2')}no`);
    expect(line.client.take()).toBe(
      `${head('HTTP/1.1 413 Too Large', 'X-Request-Id: ID', 'Content-Length: 2', 'Connection: close')}no`,
    );
    expect(line.client.ended).toBe(true);
    // Read, so that the client is not reset while it looks at its answer; relayed to nobody.
    await line.ask(`llo${SECOND}`);
    expect(line.containers).toHaveLength(1);
    expect(line.client.closed).toBe(false);
  });

  it('is given up when the container leaves behind its response', async () => {
    await line.ask(post([LENGTH], 'he'));
    await line.answer(`${OK}ok`);
    line.container.stream.destroy();
    await line.clock.settle();
    expect(line.client.take()).toBe(answered());
    expect(line.client.ended).toBe(true);
  });
});

describe('100-continue', () => {
  const EXPECTING = post(['Expect: 100-continue', LENGTH]);

  it('passes, and the body behind it', async () => {
    await line.ask(EXPECTING);
    expect(line.container.take()).toBe(posts(['Expect: 100-continue', LENGTH]));
    await line.answer(head('HTTP/1.1 100 Continue'));
    expect(line.client.take()).toBe(head('HTTP/1.1 100 Continue'));
    await line.ask('hello');
    expect(line.container.take()).toBe('hello');
    await line.answer(`${OK}ok`);
    expect(line.client.take()).toBe(answered());
    await line.ask(SECOND);
    expect(line.container.take()).toBe(SECOND_FORWARDED);
  });

  it('passes once', async () => {
    await line.ask(EXPECTING);
    await line.answer(head('HTTP/1.1 100 Continue').repeat(2));
    expect(line.client.take()).toBe(head('HTTP/1.1 100 Continue'));
  });

  it('that does not come leaves in doubt what the client sends next: the connection ends', async () => {
    await line.ask(EXPECTING);
    await line.answer(`${OK}ok`);
    expect(line.client.take()).toBe(answered('Connection: close'));
    expect(line.client.ended).toBe(true);
    await line.ask(SECOND);
    expect(line.containers).toHaveLength(1);
    expect(line.container.take()).not.toContain('second');
  });
});
