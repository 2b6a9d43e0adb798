import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { systemClock } from '../../agents/adapters/system/clock.ts';
import { Connection } from '../../agents/gateway/ingress/http1/connection.ts';
import type {
  ConnectionComponents,
  ConnectionInit,
} from '../../agents/gateway/ingress/http1/connection-init.ts';
import { TIME_LIMITS } from '../../agents/gateway/ingress/http1/limits.ts';
import {
  type AccessRecord,
  type Counters,
  newCounters,
} from '../../agents/gateway/ingress/http1/observer.ts';
import type { Upstream } from '../../agents/gateway/ingress/http1/upstream.ts';
import { Session } from '../../agents/gateway/ingress/http2/session.ts';

/** What every response and forwarded head says of the client. */
export const CLIENT = { address: '192.0.2.7', protocol: 'https', trusted: false } as const;

export interface EdgeInit extends Partial<ConnectionInit>, Partial<Omit<ConnectionComponents, 'client'>> {
  /** Port on 127.0.0.1 that all requests go to. */
  upstreamPort?: number;
  /** Speaks HTTP/2 with clients. */
  isHttp2?: boolean;
}

/** An edge that listens for plain TCP. */
export interface Edge {
  port: number;
  counters: Counters;
  /** The access log. */
  records: AccessRecord[];
  /** Connections that are open. */
  connections: Set<Connection | Session>;
  close(): Promise<void>;
}

export async function startEdge({ upstreamPort = 0, isHttp2, ...overrides }: EdgeInit = {}): Promise<Edge> {
  const counters = newCounters();
  const records: AccessRecord[] = [];
  const connections = new Set<Connection | Session>();
  const stop = new AbortController();
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    const components = {
      client,
      clock: systemClock,
      route: () => upstreamAt(upstreamPort),
      counters,
      log: (record: AccessRecord) => void records.push(record),
      count: () => {},
      ...overrides,
    };
    const init = {
      remote: CLIENT,
      policy: { sharedDomains: [] },
      limits: TIME_LIMITS,
      maxBodyBytes: 2 ** 40,
      ...overrides,
    };
    const connection = isHttp2 ? new Session(components, init) : new Connection(components, init);
    connections.add(connection);
    void connection.closed.then(() => connections.delete(connection));
    connection.start(stop.signal);
  });
  const close = async () => {
    stop.abort();
    await closeServer(server);
  };
  return { port: await listen(server), counters, records, connections, close };
}

/** A container that listens on 127.0.0.1. */
export function upstreamAt(port: number, protocol?: Upstream['protocol']): Upstream {
  const key = `${port}`;
  return { key, name: key, protocol, open: (signal) => dial(port, signal) };
}

async function dial(port: number, signal?: AbortSignal): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
  await once(socket, 'connect', { signal });
  return socket;
}

/** Sends bytes and closes the sending half; answers all that came back once the other side has closed. */
export async function talk(port: number, sent: string): Promise<string> {
  const socket = await dial(port);
  socket.end(sent, 'latin1');
  return received(socket);
}

/** All that comes until the other side closes or breaks the connection. */
export async function received(socket: Socket): Promise<string> {
  const parts: Buffer[] = [];
  socket.on('data', (part: Buffer) => parts.push(part));
  // A reset ends it as well as a close does.
  socket.on('error', () => socket.destroy());
  await once(socket, 'close');
  return Buffer.concat(parts).toString('latin1');
}

/** A server of raw bytes: `handle` gets each connection. */
export async function startRaw(
  handle: (socket: Socket) => void,
): Promise<{ port: number; close(): Promise<void> }> {
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    handle(socket);
  });
  const close = async () => {
    for (const socket of sockets) socket.destroy();
    await closeServer(server);
  };
  return { port: await listen(server), close };
}

export async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

export async function closeServer(server: Server): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  await closed;
}
