import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { readFrugally } from './read-frugally.ts';

let server: Server;

/** What each client is sent, in order. */
let parts: string[];

beforeEach(async () => {
  server = createServer(async (client) => {
    for (const part of parts) {
      client.write(part);
      await sleep(1);
    }
    client.end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
});

afterEach(async () => {
  server.close();
  await once(server, 'close');
});

function reading(): Socket {
  const onread = readFrugally((bytes) => socket.push(bytes));
  const { port } = server.address() as { port: number };
  const socket: Socket = connect({ host: '127.0.0.1', port, onread });
  return socket;
}

test.each([
  ['a little at a time', Array.from({ length: 50 }, (_, part) => `${part} `)],
  ['much at once', Array.from({ length: 8 }, (_, part) => `${part}`.repeat(500_000))],
  [
    'much and little by turns',
    Array.from({ length: 30 }, (_, part) => `${part} `.repeat(part % 2 ? 1 : 90_000)),
  ],
])('what several sockets read at the same time stays as it came: %s', async (_, sent) => {
  parts = sent;
  // All of it is kept until the end: memory that was used twice would show.
  const read = await Promise.all(Array.from({ length: 4 }, () => text(reading())));
  for (const one of read) expect(one === sent.join('')).toBe(true);
});
