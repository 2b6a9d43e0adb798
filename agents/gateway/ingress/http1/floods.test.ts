import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { get } from '../../../../test/corpus/http/message.ts';
import { eventually } from '../../../../test/support/eventually.ts';
import { received } from '../../../../test/support/http-edge.ts';
import { useSite } from '../../../../test/support/http-pages.ts';

/** Clients that hold on to connections. A file may be open 1024 times where tests run: both ends are here. */
const CROWD = 300;

const site = useSite({ limits: { head: 500 } });

async function crowd(): Promise<Socket[]> {
  const sockets = Array.from({ length: CROWD }, () => connect(site.edge.port, '127.0.0.1'));
  for (const socket of sockets) socket.on('error', () => socket.destroy());
  await Promise.all(sockets.map((socket) => once(socket, 'connect')));
  return sockets;
}

async function wellBehaved(): Promise<void> {
  for (let request = 0; request < 20; request++) {
    const response = await fetch(`${site.url}/echo`, { method: 'POST', body: `${request}` });
    expect(await response.text()).toBe(`${request}`);
  }
}

describe('G7', () => {
  it.each([
    ['say nothing', ''],
    ['send a head without end', 'GET / HTTP/1.1\r\nHost: a\r\nX: '],
    ['send headers without end', `GET / HTTP/1.1\r\n${'X: a\r\n'.repeat(90)}`],
    ['send one head after the other', get('X: a').repeat(20) + get('Connection: close')],
    ['send nonsense', '\0'.repeat(5000)],
  ])('hundreds of clients that %s keep nobody else waiting, and are gone in time', async (_, sent) => {
    const sockets = await crowd();
    const gone = Promise.all(sockets.map((socket) => received(socket)));
    for (const socket of sockets) socket.write(sent);
    await wellBehaved();
    await gone;
    await eventually(() => expect(site.edge.counters.active).toBe(0));
    expect(site.edge.counters.desyncs).toBe(0);
  });
});
