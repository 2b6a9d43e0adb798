import { once } from 'node:events';
import type { IncomingMessage, RequestOptions, ServerResponse } from 'node:http';
import { createServer, type Server, request as secureRequest } from 'node:https';
import type { AddressInfo } from 'node:net';
import { loopbackPair, type Pebble } from './pebble.ts';

/** What a CA may do that Pebble does not: be away, slow or unwilling, and have an opinion on renewals. */
export class CaProxy {
  readonly roots: string;
  /** Paths of requests that came, without those for nonces. */
  readonly requests: string[] = [];
  /** Every request is refused at the door. */
  away = false;
  /** Answers a request itself instead of passing it on. */
  intercept: ((path: string, body: string) => Reply | undefined) | undefined;
  /** Called once a request was answered by the CA, before the answer is passed on. */
  answered: ((path: string) => Promise<void> | void) | undefined;
  /** Added to the directory: resource names and paths. */
  extra: Record<string, string> = {};
  readonly #pebble: Pebble;
  readonly #server: Server;

  private constructor(pebble: Pebble) {
    const pair = loopbackPair();
    this.#pebble = pebble;
    this.roots = pair.cert;
    // Whoever asked went away, or the CA did.
    this.#server = createServer(pair, (incoming, response) => {
      this.#serve(incoming, response).catch(() => response.destroy());
    });
    this.#server.on('connection', (socket) => {
      if (this.away) socket.destroy();
    });
  }

  static async start(pebble: Pebble): Promise<CaProxy> {
    const proxy = new CaProxy(pebble);
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    return proxy;
  }

  get directoryURL(): string {
    return `https://localhost:${(this.#server.address() as AddressInfo).port}/dir`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = incoming.url ?? '';
    const body = await textOf(incoming);
    if (this.away) {
      incoming.socket.destroy();
      return;
    }
    if (path !== '/nonce-plz') this.requests.push(path);
    const own = this.intercept?.(path, body);
    const { status, headers, text } = own ?? (await this.#pass(incoming, body));
    if (!own) await this.answered?.(path);
    const changed = path === '/dir' && !own ? this.#withExtra(text, incoming) : text;
    response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(changed) }).end(changed);
  }

  /** With the Host that we were called by: Pebble makes its addresses of it. */
  async #pass({ url, method, headers }: IncomingMessage, body: string): Promise<Required<Reply>> {
    const options: RequestOptions & { ca: string } = {
      host: 'localhost',
      port: this.#pebble.port,
      path: url,
      method,
      headers,
      ca: this.#pebble.roots,
      agent: false,
    };
    const call = secureRequest(options);
    call.end(body);
    const [answer] = (await once(call, 'response')) as [IncomingMessage];
    const { 'transfer-encoding': _, ...kept } = answer.headers;
    return { status: answer.statusCode ?? 0, headers: kept, text: await textOf(answer) };
  }

  #withExtra(text: string, { headers }: IncomingMessage): string {
    const urls = Object.entries(this.extra).map(([name, path]) => [name, `https://${headers.host}${path}`]);
    return JSON.stringify({ ...JSON.parse(text), ...Object.fromEntries(urls) });
  }
}

export interface Reply {
  status: number;
  headers?: Record<string, string | string[] | undefined>;
  text: string;
}

async function textOf(stream: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of stream) text += chunk;
  return text;
}
