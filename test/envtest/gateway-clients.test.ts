import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { get as getHttps } from 'node:https';
import { Readable } from 'node:stream';
import { EventSource, type FetchLike } from 'eventsource';
import { WebSocket, WebSocketServer } from 'ws';
import { eventually } from '../support/eventually.ts';
import { answered, ask, lookup, useGateway } from '../support/gateway-clients.ts';
import { HOST } from '../support/gateway-data-path.ts';
import { BIG, PAGES } from '../support/http-pages.ts';

/** Bar G5: what real clients do, through the edge and a tunnel. */

const MIB = 1024 * 1024;

const gateway = useGateway();
const pages = { ...PAGES };
beforeEach(() => {
  gateway.path.handle = (question, answer) => pages[question.url!.split('?')[0]!]!(question, answer);
});

describe.each([['--http1.1'], ['--http2']])('curl %s', (version) => {
  const start = (...args: string[]) => gateway.curl(version, '-m', '20', ...args);
  const curl = async (...args: string[]) => (await start(...args)).stdout;

  it('speaks it', async () => {
    const spoken = await curl('-o', '/dev/null', '-w', '%{http_version} %{http_code}', '/big');
    expect(spoken).toBe(version === '--http2' ? '2 200' : '1.1 200');
  });

  it('gets a page', async () => {
    expect(await curl('/big')).toBe(BIG.toString());
  });

  it('asks for the head', async () => {
    expect(await curl('-I', '/big')).toMatch(/^HTTP\/[\d.]+ 200 [\s\S]*content-length: 300000\r\n/i);
  });

  it('asks for a range', async () => {
    expect(await curl('-r', '10-19', '/range')).toBe('abcdefghij');
  });

  it('gets an answer without a body', async () => {
    expect(await curl('-w', '%{http_code}', '/empty')).toBe('204');
  });

  it('waits for a 100 before it sends', async () => {
    const { stdout, stderr } = await start('-v', '-H', 'Expect: 100-continue', '-d', 'a body', '/echo');
    expect(stdout).toBe('a body');
    expect(stderr).toMatch(/< HTTP\/[\d.]+ 100/);
  });

  it('uploads without saying how much', async () => {
    const upload = start('-T', '-', '/echo');
    upload.child.stdin?.end(BIG);
    expect((await upload).stdout).toBe(BIG.toString());
  });

  it('gets all cookies, and none for the domain of all tenants', async () => {
    const cookies = (await curl('-i', '/cookies')).match(/^set-cookie: .*$/gim);
    expect(cookies?.map((line) => line.split(': ')[1])).toEqual(['a=b', 'c=d', 'e=f']);
  });

  it('sees trailers', async () => {
    expect(await curl('-D', '-', '-d', 'x', '/trailers')).toMatch(/x-sum: got undefined/i);
  });

  it('asks twice over one connection', async () => {
    const ignore = ['-o', '/dev/null'];
    expect(await curl('-w', '%{num_connects}\n', ...ignore, '/big', ...ignore, '/echo')).toBe('1\n0\n');
  });
});

describe('a client of HTTP/2', () => {
  afterEach(() => eventually(() => expect(gateway.path.ingress.counters.connections).toBe(0)));

  it('has many requests under way on one connection', async () => {
    const session = gateway.session();
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, index) => ask(session, '/echo', { body: `${index}` })),
    );
    expect(answers.map(({ body }) => `${body}`)).toEqual(answers.map((_, index) => `${index}`));
    session.close();
  });

  it('uses connections to the container again, and shares them with nobody', async () => {
    const ports = new Set<number | undefined>();
    pages['/port'] = (question, answer) => answer.end(`${ports.add(question.socket.remotePort).size}`);
    const sessions = [gateway.session(), gateway.session()];
    for (let round = 0; round < 3; round++) for (const session of sessions) await ask(session, '/port');
    expect(ports.size).toBe(2);
    for (const session of sessions) session.close();
  });

  it('is sent away with requests for another host than the connection was made for', async () => {
    const session = gateway.session();
    gateway.path.names.add('other.example.com');
    expect((await ask(session, '/', { ':authority': 'other.example.com' })).headers[':status']).toBe(421);
    session.close();
  });

  it('sends and gets trailers', async () => {
    const session = gateway.session();
    const stream = session.request({ ':path': '/trailers', ':method': 'POST' }, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers({ 'x-sum': '42' }));
    stream.end('x');
    expect(await answered(stream)).toMatchObject({ trailers: { 'x-sum': 'got 42' }, whole: true });
    session.close();
  });

  it('gets hints before the answer', async () => {
    const session = gateway.session();
    const stream = session.request({ ':path': '/hints' });
    const [hints] = await once(stream, 'headers');
    expect(hints).toMatchObject({ ':status': 103, link: '</a.css>; rel=preload' });
    expect((await answered(stream)).whole).toBe(true);
    session.close();
  });

  it('sees that a response broke off', async () => {
    pages['/broken'] = (_, answer) => {
      answer.write('a part');
      setTimeout(() => answer.destroy(), 20);
    };
    const session = gateway.session();
    expect(await ask(session, '/broken')).toMatchObject({ headers: { ':status': 200 }, whole: false });
    session.close();
  });

  it('tells the container when it gives up', async () => {
    const gone = Promise.withResolvers<void>();
    pages['/slow'] = (question, answer) => {
      answer.flushHeaders();
      question.once('close', gone.resolve);
    };
    const session = gateway.session();
    const stream = session.request({ ':path': '/slow' });
    await once(stream, 'response');
    stream.close(8);
    await gone.promise;
    await eventually(() => expect(gateway.path.ingress.counters.active).toBe(0));
    session.close();
  });
});

describe('a WebSocket', () => {
  const server = new WebSocketServer({ noServer: true, maxPayload: 2 * MIB });
  let socket: WebSocket;

  beforeEach(async () => {
    gateway.path.container.once('upgrade', (question, raw, head) =>
      server.handleUpgrade(question, raw, head, (accepted) => {
        accepted.on('message', (data, isBinary) => {
          if (`${data}` === 'leave') accepted.close(4001, 'as you say');
          else accepted.send(data, { binary: isBinary });
        });
      }),
    );
    socket = new WebSocket(`wss://${gateway.origin}/chat`, { ca: gateway.path.ca, lookup });
    await once(socket, 'open');
  });
  afterEach(() => socket.terminate());

  it('echoes text, and a message of 1 MiB', async () => {
    socket.send('hello');
    expect(`${(await once(socket, 'message'))[0]}`).toBe('hello');
    const big = Buffer.alloc(MIB, 'x');
    socket.send(big);
    expect(big.equals((await once(socket, 'message'))[0])).toBe(true);
  });

  it('answers pings', async () => {
    socket.ping('are you there');
    expect(`${(await once(socket, 'pong'))[0]}`).toBe('are you there');
  });

  it('closes with the code of either side', async () => {
    socket.send('leave');
    const [code, reason] = await once(socket, 'close');
    expect([code, `${reason}`]).toEqual([4001, 'as you say']);
  });
});

it('an EventSource gets each event at once, while the response is open', async () => {
  let events!: ServerResponse;
  pages['/events'] = (_, answer) => {
    events = answer.writeHead(200, { 'Content-Type': 'text/event-stream' });
    events.write('data: 0\n\n');
  };
  const source = new EventSource(`https://${gateway.origin}/events`, {
    fetch: fetchTrusting(gateway.path.ca),
  });
  for (let event = 0; event < 3; event++) {
    const [message] = (await once(source, 'message')) as [MessageEvent];
    expect(message.data).toBe(`${event}`);
    expect(events.writableEnded).toBe(false);
    events.write(`data: ${event + 1}\n\n`);
  }
  source.close();
});

/** `fetch` of Node takes no authority. */
function fetchTrusting(ca: string): FetchLike {
  return async (url, { signal, headers }) => {
    const asked = getHttps(url, {
      ca,
      lookup,
      signal: signal as AbortSignal,
      headers,
      servername: HOST,
      agent: false,
    });
    const [answer] = await once(asked, 'response');
    asked.on('error', () => undefined);
    answer.on('error', () => undefined);
    const status = answer.statusCode;
    const body = Readable.toWeb(answer);
    return { status, url: `${url}`, redirected: false, headers: new Headers(answer.headers), body };
  };
}
