import { connect, type TLSSocket } from 'node:tls';
import { latencies } from './latency.ts';

/**
 * Asks at a fixed rate, whether answers come or not: `node steady-client.ts URL PER_SECOND CONNECTIONS SECONDS`. Prints
 * the quantiles of how long each answer took since its request was due, in milliseconds, so that what a slow server
 * makes wait is counted too. It reads what nginx and the gateway say: heads with a Content-Length.
 */

const WARM_UP_MS = 500;

const { hostname, port, pathname } = new URL(process.argv[2] ?? '');
const [perSecond = 1, connections = 1, seconds = 1] = process.argv.slice(3).map(Number);
const REQUEST = `GET ${pathname} HTTP/1.1\r\nHost: ${hostname}\r\n\r\n`;

interface Client {
  socket: TLSSocket;
  /** When the request under way was due. */
  due: number;
  received: Buffer;
}

const idle: Client[] = [];
const due: number[] = [];
const took: number[] = [];
const clients = await Promise.all(Array.from({ length: connections }, open));
idle.push(...clients);
const begun = performance.now();
const timer = setInterval(tick, 1);
let asked = 0;

function open(): Promise<Client> {
  const { promise, resolve, reject } = Promise.withResolvers<Client>();
  const address = { host: '127.0.0.1', port: Number(port), servername: hostname };
  const socket = connect({ ...address, rejectUnauthorized: false }, () => resolve(client));
  const client: Client = { socket, due: 0, received: Buffer.alloc(0) };
  socket.setNoDelay(true);
  socket.once('error', reject);
  socket.once('close', () => fail('a connection was closed'));
  socket.on('data', (bytes: Buffer) => receive(client, bytes));
  return promise;
}

function tick(): void {
  const now = performance.now();
  const all = seconds * perSecond;
  for (; asked < all && dueAt(asked) <= now; asked++) due.push(dueAt(asked));
  ask();
  if (took.length === all) end();
}

function dueAt(index: number): number {
  return begun + (index * 1000) / perSecond;
}

function ask(): void {
  while (due.length > 0 && idle.length > 0) {
    const client = idle.shift() as Client;
    client.due = due.shift() as number;
    client.socket.write(REQUEST);
  }
}

function receive(client: Client, bytes: Buffer): void {
  client.received = client.received.length === 0 ? bytes : Buffer.concat([client.received, bytes]);
  if (client.received.length < lengthOf(client.received)) return;
  client.received = Buffer.alloc(0);
  took.push(performance.now() - client.due);
  idle.push(client);
  ask();
}

/** Of the whole response. */
function lengthOf(bytes: Buffer): number {
  const head = bytes.indexOf('\r\n\r\n');
  if (head < 0) return Number.POSITIVE_INFINITY;
  const text = bytes.toString('latin1', 0, head);
  if (!text.startsWith('HTTP/1.1 200 ')) fail(text);
  return head + 4 + Number(/^content-length: (\d+)/im.exec(text)?.[1]);
}

function end(): void {
  clearInterval(timer);
  console.log(JSON.stringify(latencies(took.slice((WARM_UP_MS / 1000) * perSecond))));
  process.exit();
}

function fail(why: string): never {
  console.error(why);
  process.exit(1);
}
