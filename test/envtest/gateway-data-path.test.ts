import { connect } from 'node:tls';
import { eventually } from '../support/eventually.ts';
import { DataPath, HOST } from '../support/gateway-data-path.ts';

describe('a gateway with a tunnel to a provider', () => {
  let path: DataPath;

  beforeEach(async () => {
    path = new DataPath();
    await path.start();
  });

  afterEach(() => path.end());

  it('takes a visitor to the container, and says who asked', async () => {
    await path.dial();
    path.handle = (request, response) =>
      response.end(JSON.stringify({ url: request.url, method: request.method, headers: request.headers }));
    const { status, body } = await path.visit('/shop?item=1', { method: 'POST', body: 'a body' });
    expect(status).toBe(200);
    expect(JSON.parse(body)).toMatchObject({
      url: '/shop?item=1',
      method: 'POST',
      headers: {
        host: HOST,
        'x-forwarded-for': '127.0.0.1',
        'x-forwarded-proto': 'https',
        'x-forwarded-host': HOST,
      },
    });
    expect(path.records).toMatchObject([{ method: 'POST', host: HOST, path: '/shop', status: 200 }]);
  });

  it('shows a page while the provider is away, and serves when it is back', async () => {
    expect(await path.visit()).toMatchObject({ status: 503, headers: { 'retry-after': '10' } });
    const hangUp = await path.dial();
    expect((await path.visit()).status).toBe(200);
    hangUp();
    await eventually(async () => expect((await path.visit()).status).toBe(503));
    await path.dial();
    expect((await path.visit()).status).toBe(200);
  });

  it('counts what visitors ask of a host, and what they did not get for want of a container', async () => {
    await path.visit();
    await path.dial();
    path.handle = (_, response) => response.writeHead(503).end();
    await path.visit();
    path.names.add('other.example.com');
    expect((await path.visit('/', { host: HOST, serverName: 'other.example.com' })).status).toBe(421);
    expect(path.router.traffic(HOST)).toEqual({ requests: 2, errors: 1 });
  });

  it('lets a provider that dials anew replace its old tunnel', async () => {
    await path.dial();
    const old = path.tunnels.get(path.provider.peerID);
    await path.dial();
    await eventually(() => expect(path.tunnels.get(path.provider.peerID)).not.toBe(old));
    expect((await path.visit()).status).toBe(200);
    expect(await old?.closed).toBeUndefined();
  });

  it('closes the tunnel of a provider that it no longer trusts, and lets it in no more', async () => {
    await path.dial();
    path.router.allow(new Set());
    await eventually(async () => expect((await path.visit()).status).toBe(503));
    await expect(path.dial()).rejects.toMatchObject({ details: { cause: 'NotTrustedByPeer' } });
  });

  it('has no replica to go to while none is ready', async () => {
    await path.dial();
    path.runReplicas(0);
    expect((await path.visit()).status).toBe(502);
    path.runReplicas(1);
    expect((await path.visit()).status).toBe(200);
  });

  it('shakes no hands for a name that is not served', async () => {
    const socket = connect({
      port: path.ingress.httpsPort,
      host: '127.0.0.1',
      servername: 'other.example.com',
    });
    const error = await new Promise<NodeJS.ErrnoException>((resolve) => socket.once('error', resolve));
    expect(error.message).toMatch(/unrecognized name|unrecognized_name/i);
  });

  it('serves no other host on a connection than the one it was made for', async () => {
    await path.dial();
    path.names.add('other.example.com');
    expect((await path.visit('/', { host: HOST, serverName: 'other.example.com' })).status).toBe(421);
    expect((await path.visit('/', { host: 'other.example.com' })).status).toBe(404);
  });

  it('sends visitors without TLS to HTTPS, and answers challenges', async () => {
    const { status, headers } = await path.visitPlain('/shop?item=1');
    expect([status, headers.location]).toEqual([308, `https://${HOST}:0/shop?item=1`]);
    expect(await path.visitPlain('/.well-known/acme-challenge/known')).toMatchObject({
      status: 200,
      body: 'proof',
    });
    expect(await path.visitPlain('/.well-known/acme-challenge/guessed')).toMatchObject({ status: 404 });
    expect((await path.visitPlain('//evil.example/')).status).toBe(400);
  });

  it('believes a proxy of its owner that ends TLS in front of it', async () => {
    await path.end();
    path = new DataPath();
    path.behindProxy = true;
    await path.start();
    await path.dial();
    path.handle = (request, response) => response.end(request.headers['x-forwarded-for']);
    expect(await path.visitPlain('/', HOST, { 'x-forwarded-for': '192.0.2.7' })).toMatchObject({
      status: 200,
      body: '192.0.2.7, 127.0.0.1',
    });
  });

  it('probes the container through the tunnel', async () => {
    const [backend] = [{ provider: path.provider.peerID, target: { owner: '', uid: '' } }];
    const route = { host: HOST, protocol: 'HTTP' as const, backends: [] };
    const { signal } = new AbortController();
    await expect(path.router.probe(route, backend!, signal)).rejects.toThrow('no tunnel');
  });
});
