import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { connect } from 'node:tls';
import { WebSocket, WebSocketServer } from 'ws';

/** A container that sends back what comes over its WebSockets. */
export function echoingContainer(): Server {
  const server = createServer((_, response) => response.end('no WebSocket'));
  new WebSocketServer({ server }).on('connection', (socket) => {
    socket.on('message', (bytes, isBinary) => socket.send(bytes, { binary: isBinary }));
    // Its visitor or its gateway is gone.
    socket.on('error', () => socket.terminate());
  });
  return server;
}

/** Visitors that stay. */
export class WebSockets {
  readonly #sockets: WebSocket[] = [];
  /** How many were closed, by whomever. */
  dropped = 0;

  /** Opens so many more to `host` at a port of this machine, some at a time. */
  async open(count: number, host: string, port: number): Promise<void> {
    const atOnce = 50;
    for (let left = count; left > 0; left -= atOnce)
      await Promise.all(Array.from({ length: Math.min(left, atOnce) }, () => this.#open(host, port)));
  }

  /** Sends something over each, and answers how many came back. */
  async echo(): Promise<number> {
    const live = this.#sockets.filter(({ readyState }) => readyState === WebSocket.OPEN);
    const echoes = live.map(async (socket, index) => {
      const echoed = once(socket, 'message');
      socket.send(`${index}`);
      const [bytes] = await echoed;
      return String(bytes) === `${index}`;
    });
    return (await Promise.all(echoes)).filter(Boolean).length;
  }

  terminate(): void {
    for (const socket of this.#sockets.splice(0)) socket.terminate();
  }

  async #open(host: string, port: number): Promise<void> {
    const tls = { host: '127.0.0.1', port, servername: host, rejectUnauthorized: false };
    const socket = new WebSocket(`wss://${host}:${port}/`, { createConnection: () => connect(tls) });
    await once(socket, 'open');
    socket.on('close', () => {
      this.dropped += 1;
    });
    // A close follows.
    socket.on('error', () => undefined);
    this.#sockets.push(socket);
  }
}
