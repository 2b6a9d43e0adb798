import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { readFrugally } from './read-frugally.ts';

const CLIENTS = ['a', 'b', 'c', 'd'];

let server: Server;

/** How much the clients are sent at a time. */
let sizes: readonly number[];

beforeEach(async () => {
  const left = [...CLIENTS];
  server = createServer((client) => void send(client, left.shift() ?? '')).listen(0, '127.0.0.1');
  await once(server, 'listening');
});

afterEach(async () => {
  server.close();
  await once(server, 'close');
});

/** Letters and digits: what came twice, not at all, or for somebody else is seen. */
function contentOf(name: string): string[] {
  return sizes.map((size, part) => `${name}${part} `.repeat(size));
}

async function send(client: Socket, name: string): Promise<void> {
  for (const part of contentOf(name)) {
    client.write(part);
    await sleep(1);
  }
  client.end();
}

function reading(): Socket {
  const onread = readFrugally((bytes) => socket.push(bytes));
  const { port } = server.address() as { port: number };
  const socket: Socket = connect({ host: '127.0.0.1', port, onread });
  return socket;
}

test.each([
  ['a little at a time', Array.from({ length: 50 }, () => 1)],
  ['much at once', Array.from({ length: 8 }, () => 200_000)],
  ['much and little by turns', Array.from({ length: 30 }, (_, part) => (part % 2 ? 1 : 30_000))],
])('what several sockets read at the same time stays as it came: %s', async (_, sent) => {
  sizes = sent;
  // All of it is kept until the end: memory that was used twice would show.
  const read = await Promise.all(CLIENTS.map(async () => `${Buffer.concat(await reading().toArray())}`));
  const expected = CLIENTS.map((name) => contentOf(name).join(''));
  // Not compared by Jest, which would print megabytes.
  expect(read.map((one) => expected.indexOf(one)).toSorted()).toEqual([0, 1, 2, 3]);
});
