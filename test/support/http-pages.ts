import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { TIME_LIMITS, type TimeLimits } from '../../agents/gateway/ingress/http1/limits.ts';
import { closeServer, type Edge, type EdgeInit, listen, startEdge, upstreamAt } from './http-edge.ts';

export const BIG = Buffer.alloc(300_000, 'abcdefghij');

export type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** What is served, by path. */
export const PAGES: Record<string, Handler> = {
  '/echo': (question, answer) => question.pipe(answer),
  '/big': (_, answer) => answer.setHeader('Content-Length', BIG.length).end(BIG),
  '/cookies': (_, answer) =>
    answer.setHeader('Set-Cookie', ['a=b', 'c=d; Domain=example.com', 'e=f']).end('ok'),
  '/trailers': (question, answer) => {
    answer.writeHead(200, { Trailer: 'X-Sum' });
    question.on('data', (part) => answer.write(part));
    question.on('end', () => {
      answer.addTrailers({ 'X-Sum': `got ${question.trailers['x-sum']}` });
      answer.end();
    });
  },
  '/range': (question, answer) => {
    const [, from, to] = /bytes=(\d+)-(\d+)/.exec(question.headers.range ?? '') ?? [];
    answer.writeHead(206, { 'Content-Range': `bytes ${from}-${to}/${BIG.length}` });
    answer.end(BIG.subarray(Number(from), Number(to) + 1));
  },
  '/early': (question, answer) => {
    answer.writeHead(413).end('too large');
    question.resume();
  },
  '/hints': (_, answer) => answer.writeEarlyHints({ link: '</a.css>; rel=preload' }, () => answer.end('ok')),
  '/empty': (_, answer) => answer.writeHead(204).end(),
};

/** A real server behind an edge. */
export interface Site {
  server: Server;
  edge: Edge;
  url: string;
  /** What the server saw last. */
  seen: IncomingMessage;
  /** Further pages, by path. */
  pages: Record<string, Handler>;
}

interface SiteInit extends Omit<EdgeInit, 'limits'> {
  limits?: Partial<TimeLimits>;
}

/** For the tests of a file. */
export function useSite({ limits, ...init }: SiteInit = {}): Site {
  const server = createServer((question, answer) => {
    site.seen = question;
    const page = site.pages[question.url!.split('?')[0]!];
    if (page) page(question, answer);
    else answer.writeHead(404).end('not here');
  });
  const site = { server, pages: { ...PAGES } } as Site;
  beforeAll(async () => {
    const port = await listen(server);
    site.edge = await startEdge({
      route: () => upstreamAt(port),
      policy: { sharedDomains: ['example.com'] },
      limits: { ...TIME_LIMITS, halfClosed: 50, ...limits },
      ...init,
    });
    site.url = `http://127.0.0.1:${site.edge.port}`;
  });
  afterAll(async () => {
    await site.edge.close();
    server.closeAllConnections();
    await closeServer(server);
  });
  return site;
}
