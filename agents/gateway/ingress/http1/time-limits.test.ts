import { get, head, post } from '../../../../test/corpus/http/message.ts';
import { type Line, useLines } from '../../../../test/support/http-line.ts';

const OK = head('HTTP/1.1 200 OK', 'Content-Length: 2');
const CHUNKED = 'Transfer-Encoding: chunked';
const UPGRADE = ['Connection: Upgrade', 'Upgrade: websocket'];
const SECOND = 1000;
const HOUR = 3600 * SECOND;

const open = useLines();
let line: Line;
beforeEach(() => {
  line = open();
});

/** Lets `seconds` pass without consequence, and then one more. */
async function lasts(seconds: number, ended: () => boolean): Promise<void> {
  await line.clock.advance(seconds * SECOND - 1);
  expect(ended()).toBe(false);
  await line.clock.advance(1);
  expect(ended()).toBe(true);
}

const ended = () => line.client.ended;
const closed = () => line.client.closed;

describe('the time of a head', () => {
  it('begins with the connection', async () => {
    await lasts(10, ended);
    expect(line.client.take()).toBe('');
    expect(line.records).toEqual([]);
  });

  it('begins with its first byte', async () => {
    await line.ask(get());
    await line.answer(`${OK}ok`);
    await line.clock.advance(50 * SECOND);
    line.client.take();
    await line.ask('G');
    await lasts(10, ended);
    expect(line.client.take()).toMatch(/^HTTP\/1.1 408 /);
    expect(line.counters.timeouts).toBe(1);
  });

  it('G7 is not prolonged by bytes that drip', async () => {
    for (let second = 0; second < 9; second++) {
      await line.ask('G');
      await line.clock.advance(SECOND);
    }
    expect(line.client.ended).toBe(false);
    await line.clock.advance(SECOND);
    expect(line.client.take()).toMatch(/^HTTP\/1.1 408 /);
    expect(line.containers).toEqual([]);
  });

  it('G7 is over for who does not even close then', async () => {
    await line.clock.advance(10 * SECOND);
    await lasts(5, closed);
  });
});

it('an idle connection lasts a minute', async () => {
  await line.ask(get());
  await line.answer(`${OK}ok`);
  await lasts(60, ended);
  expect(line.client.take()).not.toContain('408');
  expect(line.counters.timeouts).toBe(0);
});

describe('the time of a request body', () => {
  it('begins anew with each part', async () => {
    await line.ask(post([CHUNKED]));
    for (let part = 0; part < 5; part++) {
      await line.clock.advance(59 * SECOND);
      await line.ask('1\r\na\r\n');
    }
    await lasts(60, ended);
    expect(line.client.take()).toMatch(/^HTTP\/1.1 408 /);
    expect(line.container.closed).toBe(true);
  });

  it('is that of the container while this takes nothing', async () => {
    line = open({ maxBodyBytes: 2 ** 30 });
    await line.ask(post(['Content-Length: 9999999']));
    line.container.stream.pause();
    await line.ask('x'.repeat(999_999));
    await lasts(60, ended);
    expect(line.client.take()).toMatch(/^HTTP\/1.1 504 /);
  });
});

describe('the time of a response', () => {
  it('begins with the end of the request', async () => {
    await line.ask(post([CHUNKED]));
    await line.clock.advance(40 * SECOND);
    await line.ask('0\r\n\r\n');
    await lasts(60, () => line.client.take().startsWith('HTTP/1.1 504 '));
    expect(line.container.closed).toBe(true);
    expect(line.client.ended).toBe(false);
  });

  it('is not prolonged by a head that drips', async () => {
    await line.ask(get());
    for (let part = 0; part < 6; part++) {
      await line.answer('HTTP/1.1 200'.slice(2 * part, 2 * part + 2));
      await line.clock.advance(10 * SECOND);
    }
    expect(line.client.take()).toMatch(/^HTTP\/1.1 504 /);
  });

  it('runs while the client waits for a 100', async () => {
    await line.ask(post(['Expect: 100-continue', 'Content-Length: 5']));
    await lasts(60, ended);
    expect(line.client.take()).toMatch(/^HTTP\/1.1 504 /);
  });

  it('is an hour between two events', async () => {
    await line.ask(get());
    await line.answer(head('HTTP/1.1 200 OK', CHUNKED));
    await line.clock.advance(HOUR - 1);
    await line.answer('1\r\na\r\n');
    await lasts(3600, closed);
    expect(line.records[0]!.reason).toMatch('too long');
  });

  it('is short for a client that has closed its half: most are gone', async () => {
    await line.ask(get());
    await line.answer(head('HTTP/1.1 200 OK', CHUNKED));
    line.client.stream.end();
    await line.clock.settle();
    await lasts(5, () => line.container.closed);
  });

  it('ends when the client takes nothing for a minute', async () => {
    await line.ask(get());
    line.client.stream.pause();
    await line.answer(head('HTTP/1.1 200 OK', 'Content-Length: 9999999') + 'x'.repeat(999_999));
    await lasts(60, () => line.container.closed);
    expect(line.records[0]!.reason).toMatch('took nothing');
  });
});

it('an upgraded connection may be silent for an hour', async () => {
  await line.ask(get(...UPGRADE));
  await line.answer(head('HTTP/1.1 101 Switching Protocols', ...UPGRADE));
  await line.clock.advance(HOUR - 1);
  await line.ask('ping');
  await line.clock.advance(HOUR - 1);
  await line.answer('pong');
  await lasts(3600, closed);
});

describe('the time to find a container', () => {
  it('is 10 s to route', async () => {
    line = open({ route: () => new Promise(() => undefined) });
    await line.ask(get());
    await lasts(10, () => line.client.take().startsWith('HTTP/1.1 504 '));
  });

  it('is 10 s to open', async () => {
    let signal: AbortSignal | undefined;
    line = open({
      open: (given) => {
        signal = given;
        return new Promise(() => undefined);
      },
    });
    await line.ask(get());
    await lasts(10, () => line.client.take().startsWith('HTTP/1.1 504 '));
    expect(signal?.aborted).toBe(true);
  });
});

it('a client that keeps sending behind its last answer is cut off', async () => {
  await line.ask('nonsense\r\n\r\n');
  expect(line.client.ended).toBe(true);
  for (let part = 0; part < 17 && !line.client.closed; part++) await line.ask('x'.repeat(64 * 1024));
  expect(line.client.closed).toBe(true);
});

it('moving the time away costs no timer', async () => {
  await line.ask(get());
  await line.answer(`${OK}ok`);
  for (let request = 0; request < 100; request++) {
    await line.ask(get());
    await line.answer(`${OK}ok`);
    await line.clock.advance(1);
    expect(line.clock.pending).toBe(1);
  }
});
