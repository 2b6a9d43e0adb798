import { Duplex } from 'node:stream';
import { get, gets, head, SECOND, SECOND_FORWARDED } from '../../../../test/corpus/http/message.ts';
import { type Line, useLines } from '../../../../test/support/http-line.ts';

const OK = head('HTTP/1.1 200 OK', 'Content-Length: 2');

const open = useLines();
let line: Line;
beforeEach(() => {
  line = open();
});

describe('an upgrade', () => {
  const UPGRADE = ['Connection: Upgrade', 'Upgrade: websocket'];
  const SWITCH = head('HTTP/1.1 101 Switching Protocols', ...UPGRADE);
  const SWITCHED = head('HTTP/1.1 101 Switching Protocols', 'X-Request-Id: ID', ...UPGRADE);

  it('passes bytes both ways as they come', async () => {
    await line.ask(get(...UPGRADE));
    await line.answer(`${SWITCH}\x81\x02hi`);
    expect(line.client.take()).toBe(`${SWITCHED}\x81\x02hi`);
    line.container.take();
    await line.ask(`\x81\x82${SECOND}`);
    expect(line.container.take()).toBe(`\x81\x82${SECOND}`);
    await line.answer(OK);
    expect(line.client.take()).toBe(OK);
    expect(line.counters).toMatchObject({ upgrades: 1, active: 1, desyncs: 0 });
    expect(line.records).toEqual([]);
  });

  it('keeps back what the client sends before it is accepted', async () => {
    await line.ask(`${get(...UPGRADE)}early`);
    expect(line.container.take()).toBe(gets([], UPGRADE));
    await line.answer(SWITCH);
    expect(line.container.take()).toBe('early');
  });

  it('that is refused was a request like any other', async () => {
    await line.ask(get(...UPGRADE) + SECOND);
    await line.answer(`${head('HTTP/1.1 400 Bad Request', 'Content-Length: 2')}no`);
    expect(line.container.take()).toBe(gets([], UPGRADE) + SECOND_FORWARDED);
  });

  it.each([
    ['the client', 'container'],
    ['the container', 'client'],
  ] as const)('ends one half at a time, %s first', async (_, last) => {
    await line.ask(get(...UPGRADE));
    await line.answer(SWITCH);
    for (const end of [line.client, line.container]) end.take();
    const [first, second] =
      last === 'container' ? [line.client, line.container] : [line.container, line.client];
    first.stream.end('bye');
    await line.clock.settle();
    expect(second.take()).toMatch(/bye$/);
    expect(second.ended).toBe(true);
    second.stream.end('see you');
    await line.clock.settle();
    expect(first.take()).toBe('see you');
    expect(line.records).toEqual([expect.not.objectContaining({ reason: expect.anything() })]);
    expect(line.records[0]).toMatchObject({ status: 101, bytesIn: expect.any(Number) });
  });

  it('is never a connection for requests again', async () => {
    await line.ask(get(...UPGRADE));
    await line.answer(SWITCH);
    line.container.stream.end();
    await line.clock.settle();
    line.container.stream.destroy();
    await line.clock.settle();
    await line.ask(SECOND);
    expect(line.containers).toHaveLength(1);
    expect(line.counters.requests).toBe(1);
  });

  it('waits with a client for a container that takes nothing', async () => {
    await line.ask(get(...UPGRADE));
    await line.answer(SWITCH);
    line.container.take();
    line.container.stream.pause();
    line.client.stream.end('x'.repeat(200_000));
    await line.clock.settle();
    expect(line.container.ended).toBe(false);
    line.container.stream.resume();
    await line.clock.settle();
    expect(line.container.take()).toHaveLength(200_000);
    expect(line.container.ended).toBe(true);
  });

  describe('that both sides closed', () => {
    let written: () => void;
    let upstream: Duplex;
    beforeEach(async () => {
      upstream = new Duplex({
        read: () => undefined,
        write: (_bytes, _encoding, done) => {
          written = done;
        },
      });
      line = open({ open: async () => upstream });
      await line.ask(get(...UPGRADE));
      written();
      upstream.push(SWITCH);
      await line.clock.settle();
      line.client.stream.end('bye');
      await line.clock.settle();
      upstream.push(null);
      await line.clock.settle();
      expect(line.client.closed).toBe(true);
    });

    it('still brings the container what was on its way', async () => {
      expect(upstream.destroyed).toBe(false);
      written();
      await line.clock.settle();
      expect(upstream.destroyed).toBe(true);
      expect(line.clock.pending).toBe(0);
    });

    it('does so for five seconds', async () => {
      await line.clock.advance(4999);
      expect(upstream.destroyed).toBe(false);
      await line.clock.advance(1);
      expect(upstream.destroyed).toBe(true);
    });
  });

  it('breaks for the client when it breaks for the container', async () => {
    await line.ask(get(...UPGRADE));
    await line.answer(SWITCH);
    line.container.stream.destroy(new Error('gone'));
    await line.clock.settle();
    expect(line.client.closed).toBe(true);
    expect(line.records[0]!.reason).toMatch('broke');
  });
});
