import { connect } from 'node:http2';
import { setImmediate as turn } from 'node:timers/promises';
import { eventually } from '../../../../test/support/eventually.ts';
import { ask } from '../../../../test/support/gateway-clients.ts';
import { useSite } from '../../../../test/support/http-pages.ts';
import {
  attacker,
  Flag,
  frame,
  GET,
  number,
  POST,
  remembered,
  Type,
} from '../../../../test/support/http2-frames.ts';
import { FLOOD } from './limits.ts';

/** What a visitor does while others do their worst, at least, before it is called slow. Milliseconds. */
const FLOOR_MS = 1000;

const site = useSite({ isHttp2: true, limits: { head: 500, idle: 500, linger: 500 } });
beforeAll(() => {
  site.pages['/'] = (_, response) => response.end('ok');
});
afterEach(() =>
  eventually(() => expect([site.edge.connections.size, site.edge.counters.active]).toEqual([0, 0])),
);

const CANCEL = number(8);
const HEADERS = Flag.endStream | Flag.endHeaders;

/** As many requests as that, each given up in the same breath. */
function resets(from: number, count: number): Buffer {
  const frames = Array.from({ length: count }, (_, index) => {
    const id = 2 * (from + index) + 1;
    return [frame(Type.headers, HEADERS, id, GET), frame(Type.reset, 0, id, CANCEL)];
  });
  return Buffer.concat(frames.flat());
}

/** Milliseconds that a visitor takes who behaves. */
async function wellBehaved(): Promise<number> {
  const session = connect(`http://127.0.0.1:${site.edge.port}`);
  const before = performance.now();
  for (let request = 0; request < 100; request++) {
    const { body } = await ask(session, '/', { ':scheme': 'https', ':authority': 'a' });
    expect(`${body}`).toBe('ok');
  }
  const took = performance.now() - before;
  session.destroy();
  return took;
}

/** Writes a part again and again, as fast as it is taken, until the connection is closed. Answers how often. */
async function flood(part: Buffer, most = 1000, first: Buffer = Buffer.alloc(0)): Promise<number> {
  const { socket, closed } = await attacker(site.edge.port);
  socket.write(first);
  let times = 0;
  for (; times < most && socket.writable; times++) {
    if (!socket.write(part))
      await Promise.race([new Promise((resolve) => socket.once('drain', resolve)), closed]);
    await turn();
  }
  await closed;
  return times;
}

describe('G7', () => {
  it('rapid reset of thousands of streams keeps nobody waiting, and reaches no container', async () => {
    const attack = resets(0, 5000);
    const alone = await wellBehaved();
    const { forwarded } = site.edge.counters;
    const attacks = [flood(attack, 1), flood(attack, 1)];
    const beside = await wellBehaved();
    await Promise.all(attacks);
    expect(beside).toBeLessThan(Math.max(2 * alone, FLOOR_MS));
    expect(site.edge.counters.forwarded - forwarded - 100).toBeLessThan(500);
  });

  it('a client that gives up all that it asks for is thrown out, however slowly it does', async () => {
    const { socket, got } = await attacker(site.edge.port);
    let sent = 0;
    while (socket.writable && sent < 50 * FLOOD.burst) {
      socket.write(resets(sent, 1).subarray(0, 9 + GET.length));
      await turn();
      await turn();
      if (socket.writable) socket.write(resets(sent, 1).subarray(9 + GET.length));
      sent++;
      await turn();
    }
    expect(sent).toBeLessThan(FLOOD.burst);
    // The last that it hears is GOAWAY, with ENHANCE_YOUR_CALM.
    expect(got().subarray(-4)).toEqual(number(11));
  });

  const post = frame(Type.headers, Flag.endHeaders, 1, POST);
  it.each([
    ['PING', frame(Type.ping, 0, 0, Buffer.alloc(8))],
    ['SETTINGS', frame(Type.settings, 0, 0)],
    ['empty DATA', frame(Type.data, 0, 1)],
    ['empty CONTINUATION', frame(Type.continuation, 0, 1)],
  ])('a flood of %s ends the connection', async (name, part) => {
    const first = name.endsWith('CONTINUATION') ? frame(Type.headers, 0, 1, GET) : post;
    const many = Buffer.concat(Array.from({ length: 100 }, () => part));
    expect(await flood(many, 1000, first)).toBeLessThan(1000);
  });

  it('frames that make the gateway reset streams count as if the client had', async () => {
    const { forwarded } = site.edge.counters;
    // A window that grows by nothing is an error of its stream: RFC 9113, section 6.9.
    const made = (id: number) => [
      frame(Type.headers, Flag.endHeaders, id, POST),
      frame(Type.windowUpdate, 0, id, number(0)),
    ];
    await flood(Buffer.concat(Array.from({ length: 2000 }, (_, index) => made(2 * index + 1)).flat()), 1);
    expect(site.edge.counters.forwarded - forwarded).toBeLessThan(500);
  });

  it('a header that unpacks to megabytes is not unpacked', async () => {
    const { socket, closed } = await attacker(site.edge.port);
    const { first, again } = remembered('x'.repeat(4000));
    const { requests } = site.edge.counters;
    const bomb = Buffer.concat([GET, first, ...Array.from({ length: 10_000 }, () => again)]);
    for (let id = 1; id < 100; id += 2)
      if (socket.writable) socket.write(frame(Type.headers, HEADERS, id, bomb));
    expect(await wellBehaved()).toBeLessThan(10 * FLOOR_MS);
    expect(site.edge.counters.requests - requests).toBe(100);
    socket.destroy();
    await closed;
  });

  it('hundreds that say nothing more than hello are gone in time', async () => {
    const crowd = await Promise.all(Array.from({ length: 200 }, () => attacker(site.edge.port)));
    await wellBehaved();
    await Promise.all(crowd.map(({ closed }) => closed));
  });

  it('a head that never ends is gone in time', async () => {
    const { socket, closed } = await attacker(site.edge.port);
    socket.write(frame(Type.headers, 0, 1, GET));
    await closed;
  });
});
