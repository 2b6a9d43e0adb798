import { once } from 'node:events';
import {
  type ClientHttp2Session,
  connect,
  createServer,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import type { AddressInfo } from 'node:net';
import { eventually } from './eventually.ts';
import { ask, type Http2Answer } from './gateway-clients.ts';
import { type Edge, startEdge, upstreamAt } from './http-edge.ts';

export const HEADERS = { ':scheme': 'https', ':authority': 'web.example.com' };

/** A container that speaks HTTP/2 without TLS, behind an edge that speaks HTTP/2 too. */
export interface H2cSite {
  /** What the container does with a stream. */
  handle: (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => void;
  /** Connections that the container has. */
  sessions: Set<ServerHttp2Session>;
  edge: Edge;
  /** A visitor's connection, new for each test. */
  session: ClientHttp2Session;
  ask(more?: OutgoingHttpHeaders & { body?: string }): Promise<Http2Answer>;
}

/** For the tests of a file. After each of them, nothing may be left at the container. */
export function useH2c(): H2cSite {
  const container = createServer();
  const sessions = new Set<ServerHttp2Session>();
  const site = { sessions } as H2cSite;
  site.ask = (more = {}) => ask(site.session, '/', { ...HEADERS, ...more });
  container.on('session', (session) => {
    sessions.add(session);
    session.on('close', () => sessions.delete(session));
    // `close` follows.
    session.on('error', () => undefined);
  });
  container.on('stream', (stream, headers) => {
    stream.on('error', () => undefined);
    site.handle(stream as ServerHttp2Stream, headers);
  });
  beforeAll(async () => {
    container.listen(0, '127.0.0.1');
    await once(container, 'listening');
    const { port } = container.address() as AddressInfo;
    site.edge = await startEdge({ isHttp2: true, route: () => upstreamAt(port, 'H2C') });
  });
  afterAll(async () => {
    await site.edge.close();
    container.close();
  });
  beforeEach(() => {
    site.session = connect(`http://127.0.0.1:${site.edge.port}`);
    site.session.on('error', () => undefined);
  });
  afterEach(async () => {
    site.session.destroy();
    await eventually(() => expect([site.edge.counters.active, sessions.size]).toEqual([0, 0]));
  });
  return site;
}
