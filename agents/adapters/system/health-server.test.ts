import { request } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { FakeLogger } from '../../../test/support/fake-logger.ts';
import { HealthServer, type HealthServerInit } from './health-server.ts';

let stop: AbortController;
beforeEach(() => {
  stop = new AbortController();
});
afterEach(() => stop.abort());

async function serve(checks: HealthServerInit['checks'] = {}) {
  const metrics = { render: () => 'depth 1\n' };
  const server = new HealthServer({ metrics, logger: new FakeLogger() }, { port: 0, checks });
  await server.start(stop.signal);
  return server;
}

interface Asked {
  path: string;
  method?: string;
  host?: string;
}

/** Node's own fetch would not let a test choose the Host header. */
async function ask({ port }: HealthServer, { path, method = 'GET', host = `127.0.0.1:${port}` }: Asked) {
  const { promise, resolve, reject } = Promise.withResolvers<{ status?: number; body: string }>();
  const options = { host: '127.0.0.1', port, path, method, headers: { host }, agent: false };
  const asked = request(options, async (response) => {
    resolve({ status: response.statusCode, body: await text(response) });
  });
  asked.on('error', reject).end();
  return promise;
}

describe('HealthServer', () => {
  it('is well while every check is', async () => {
    let problem: string | undefined;
    const server = await serve({ store: () => undefined, loops: () => problem });
    expect(await ask(server, { path: '/healthz' })).toEqual({ status: 200, body: 'ok\n' });
    problem = 'a queue has not moved for 5 min';
    expect(await ask(server, { path: '/healthz' })).toEqual({
      status: 503,
      body: 'loops: a queue has not moved for 5 min\n',
    });
  });

  it('shows its metrics', async () => {
    expect(await ask(await serve(), { path: '/metrics' })).toEqual({ status: 200, body: 'depth 1\n' });
  });

  it.each([
    ['another path', { path: '/' }, 404],
    ['another method', { path: '/metrics', method: 'POST' }, 405],
    [
      'a web page that has its name resolved to this machine',
      { path: '/metrics', host: 'evil.example:80' },
      421,
    ],
    ['a host that only begins like this machine', { path: '/metrics', host: '127.0.0.1.evil.example' }, 421],
  ])('refuses %s', async (_, asked, status) => {
    expect(await ask(await serve(), asked)).toMatchObject({ status });
  });

  it('answers HEAD without a body', async () => {
    expect(await ask(await serve(), { path: '/healthz', method: 'HEAD' })).toEqual({ status: 200, body: '' });
  });

  it('says so when the port is taken', async () => {
    const { port } = await serve();
    const second = new HealthServer({ metrics: { render: () => '' }, logger: new FakeLogger() }, { port });
    await expect(second.start(stop.signal)).rejects.toThrow(
      `cannot serve health and metrics on 127.0.0.1:${port}: another program has this port; choose another`,
    );
  });

  it('closes everything with the signal, idle connections too', async () => {
    const { port } = await serve();
    const idle = connect(port, '127.0.0.1');
    await new Promise((resolve) => idle.once('connect', resolve));
    const closed = new Promise((resolve) => idle.once('close', resolve));
    idle.resume();
    stop.abort();
    await closed;
    const refused = connect(port, '127.0.0.1');
    expect(await new Promise((resolve) => refused.once('error', resolve))).toMatchObject({
      code: 'ECONNREFUSED',
    });
  });
});
