import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

/** Whoever wishes the gateway no good comes from here, visitors from 127.0.0.1. */
const STRANGER = '127.0.0.2';

/** The first bytes of a TLS connection to `host`, as a client sends them. */
export async function clientHello(host: string): Promise<Buffer> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = connectTls({
    host: '127.0.0.1',
    port: (server.address() as AddressInfo).port,
    servername: host,
  });
  // Nobody answers it.
  client.on('error', () => undefined);
  const [socket] = (await once(server, 'connection')) as [Socket];
  const [hello] = (await once(socket, 'data')) as [Buffer];
  client.destroy();
  socket.destroy();
  server.close();
  return hello;
}

/**
 * Asks for each of these names by itself, so many at once; answers what came back, each with how often. They are of one
 * length: to make a whole hello for each would cost more than what is measured.
 */
export async function guessNames(
  port: number,
  names: readonly string[],
  atOnce: number,
): Promise<Map<string, number>> {
  const answers = new Map<string, number>();
  const [pattern = ''] = names;
  const hello = await clientHello(pattern);
  const left = [...names];
  const guess = async () => {
    for (let name = left.pop(); name !== undefined; name = left.pop()) {
      const guessed = Buffer.from(hello);
      guessed.write(name, guessed.indexOf(pattern), 'latin1');
      const answer = await say(port, guessed);
      answers.set(answer, (answers.get(answer) ?? 0) + 1);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, guess));
  return answers;
}

/** What comes back, in hex. */
async function say(port: number, bytes: Buffer): Promise<string> {
  const socket = connect({ port, host: '127.0.0.1', localAddress: STRANGER });
  const parts: Buffer[] = [];
  socket.on('data', (part: Buffer) => parts.push(part));
  // A close follows.
  socket.on('error', () => undefined);
  socket.write(bytes);
  await once(socket, 'close');
  return Buffer.concat(parts).toString('hex');
}

/** Clients that begin and do not go on: some before TLS is up, some with half a request. */
export class Dawdlers {
  readonly #sockets: Socket[] = [];
  /** How many the gateway has cut off. */
  cutOff = 0;

  /** @param host One that is served. */
  async come(count: number, host: string, port: number): Promise<void> {
    const hello = await clientHello(host);
    for (let index = 0; index < count; index++) {
      const socket = connect({ port, host: '127.0.0.1', localAddress: STRANGER });
      this.#keep(socket);
      socket.write(hello.subarray(0, 1 + (index % hello.length)));
    }
    const tls = {
      host: '127.0.0.1',
      port,
      localAddress: STRANGER,
      servername: host,
      rejectUnauthorized: false,
    };
    for (let index = 0; index < count; index++) {
      const socket = connectTls(tls, () => socket.write('GET / HTTP/1.1\r\nHo'));
      this.#keep(socket);
    }
  }

  leave(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  #keep(socket: Socket): void {
    this.#sockets.push(socket);
    // Read, or its end is never seen.
    socket.resume();
    // A close follows.
    socket.on('error', () => undefined);
    socket.once('close', () => {
      this.cutOff += 1;
    });
  }
}
