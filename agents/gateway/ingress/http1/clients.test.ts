import { once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';
import { BIG, useSite } from '../../../../test/support/http-pages.ts';

/** Bar G5: what real clients and a real server do, through the edge. */

const site = useSite();

describe('G5 fetch', () => {
  it('reads a body', async () => {
    const response = await fetch(`${site.url}/big?a=b`);
    expect(Buffer.from(await response.arrayBuffer()).equals(BIG)).toBe(true);
    expect(site.seen.headers).toMatchObject({ 'x-forwarded-for': '192.0.2.7', 'x-forwarded-proto': 'https' });
    expect(response.headers.get('x-request-id')).toBe(site.seen.headers['x-request-id']);
  });

  it('sends a body, and one whose length nobody knows', async () => {
    const whole = await fetch(`${site.url}/echo`, { method: 'POST', body: BIG });
    expect(Buffer.from(await whole.arrayBuffer()).equals(BIG)).toBe(true);
    const streamed = await fetch(`${site.url}/echo`, {
      method: 'PUT',
      body: new Blob([BIG]).stream(),
      duplex: 'half',
    } as RequestInit);
    expect(Buffer.from(await streamed.arrayBuffer()).equals(BIG)).toBe(true);
    expect(site.seen.headers['transfer-encoding']).toBe('chunked');
  });

  it('gets each cookie, and none for all tenants', async () => {
    const { headers } = await fetch(`${site.url}/cookies`);
    expect(headers.getSetCookie()).toEqual(['a=b', 'c=d', 'e=f']);
  });

  it.each([
    ['HEAD', '/big', 200],
    ['GET', '/empty', 204],
    ['GET', '/nothing', 404],
    ['DELETE', '/big', 200],
    ['OPTIONS', '/big', 200],
  ])('%s %s: %i', async (method, path, status) => {
    const response = await fetch(site.url + path, { method });
    expect(response.status).toBe(status);
    await response.arrayBuffer();
  });

  it('100 at a time get what is theirs', async () => {
    const answers = Array.from({ length: 100 }, async (_, index) => {
      const response = await fetch(`${site.url}/echo`, { method: 'POST', body: `${index}`.repeat(index) });
      return response.text();
    });
    expect(await Promise.all(answers)).toEqual(
      Array.from({ length: 100 }, (_, index) => `${index}`.repeat(index)),
    );
    expect(site.edge.counters.desyncs).toBe(0);
  });
});

describe('G5 node:http', () => {
  it('uses one connection for many requests', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const before = site.edge.counters.opened;
    for (let count = 0; count < 10; count++) {
      const [response] = await once(request(`${site.url}/big`, { agent }).end(), 'response');
      for await (const _ of response);
    }
    expect(site.edge.counters.opened - before).toBe(1);
    agent.destroy();
  });

  it('sends and gets trailers', async () => {
    const question = request(`${site.url}/trailers`, { method: 'POST', headers: { Trailer: 'X-Sum' } });
    question.write('hello');
    question.addTrailers({ 'X-Sum': '5' });
    question.end();
    const [response] = (await once(question, 'response')) as [IncomingMessage];
    expect(await text(response)).toBe('hello');
    expect(response.trailers).toEqual({ 'x-sum': 'got 5' });
  });

  it('waits for 100 before it sends', async () => {
    const question = request(`${site.url}/echo`, { method: 'POST', headers: { Expect: '100-continue' } });
    question.flushHeaders();
    await once(question, 'continue');
    question.end('hello');
    const [response] = (await once(question, 'response')) as [IncomingMessage];
    expect(await text(response)).toBe('hello');
  });

  it('gets early hints', async () => {
    const question = request(`${site.url}/hints`).end();
    const [[hints], [response]] = await Promise.all([
      once(question, 'information'),
      once(question, 'response') as Promise<[IncomingMessage]>,
    ]);
    expect(hints).toMatchObject({ statusCode: 103, headers: { link: '</a.css>; rel=preload' } });
    expect(await text(response)).toBe('ok');
  });

  it('is answered while it still sends, and reads the answer', async () => {
    const question = request(`${site.url}/early`, { method: 'POST' });
    question.on('error', () => undefined);
    const sending = setInterval(() => question.write(BIG), 1);
    const [response] = (await once(question, 'response')) as [IncomingMessage];
    expect(response.statusCode).toBe(413);
    expect(await text(response)).toBe('too large');
    clearInterval(sending);
    question.destroy();
  });
});

async function text(response: IncomingMessage): Promise<string> {
  response.setEncoding('utf8');
  let all = '';
  for await (const part of response) all += part;
  return all;
}
