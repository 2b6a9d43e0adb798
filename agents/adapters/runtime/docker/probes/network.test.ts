import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type Server as HttpServer } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { type AddressInfo, createServer as createTcpServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { probeHttp, probeTcp, type Target } from './network.ts';

const servers: Server[] = [];
const NEVER = new AbortController().signal;

async function listen(server: Server): Promise<Target> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { host: '127.0.0.1', port: (server.address() as AddressInfo).port, proxied: false };
}

/** A port where nobody listens any more. */
async function closedPort(): Promise<Target> {
  const server = createTcpServer();
  const target = await listen(server);
  await new Promise((resolve) => server.close(resolve));
  return target;
}

afterEach(async () => {
  for (const server of servers.splice(0)) {
    if ('closeAllConnections' in server) (server as HttpServer).closeAllConnections();
    server.close();
  }
});

describe('probeHttp', () => {
  const get = (target: Target, more: object = {}, signal = NEVER) =>
    probeHttp(target, { path: '/health', port: 80, scheme: 'HTTP', ...more }, signal);

  it.each([
    [200, true],
    [204, true],
    [302, true],
    [399, true],
    [400, false],
    [404, false],
    [503, false],
  ])('takes status %i for success: %s', async (status, success) => {
    // The redirect leads nowhere: following it would fail.
    const server = createServer((_, response) =>
      response.writeHead(status, { location: 'http://127.0.0.1:1/' }).end(),
    );
    expect(await get(await listen(server))).toEqual({ success, message: `HTTP ${status}` });
  });

  it('asks for the path, with the headers', async () => {
    let seen: unknown;
    const server = createServer(({ url, headers }, response) => {
      seen = { url, ...headers };
      response.end();
    });
    const httpHeaders = [
      { name: 'Host', value: 'web.example' },
      { name: 'X-Name', value: 'Zoë €' },
    ];
    await get(await listen(server), { httpHeaders });
    expect(seen).toMatchObject({
      url: '/health',
      host: 'web.example',
      'x-name': Buffer.from('Zoë €').toString('latin1'),
      'user-agent': 'peercompute-probe',
    });
  });

  it('does not read the body', async () => {
    const server = createServer((_, response) => {
      response.writeHead(200).write('begun and never ended');
    });
    expect(await get(await listen(server))).toMatchObject({ success: true });
  });

  it('bounds the head', async () => {
    const server = createServer((_, response) => response.setHeader('x-large', 'x'.repeat(100_000)).end());
    expect(await get(await listen(server))).toEqual({
      success: false,
      message: 'the answer has too many headers',
    });
  });

  it.each([
    ['something that is not HTTP', 'hello\n', /Parse Error/],
    ['nothing', '', /without an answer|socket hang up/],
  ])('fails on %s', async (_, answer, message) => {
    const server = createTcpServer((socket) => socket.end(answer));
    const result = await get(await listen(server));
    expect(result.success).toBe(false);
    expect(result.message).toMatch(message);
  });

  it('fails when its time is over', async () => {
    const time = new AbortController();
    const server = createServer(() => time.abort('no answer within 1 s'));
    expect(await get(await listen(server), {}, time.signal)).toEqual({
      success: false,
      message: 'no answer within 1 s',
    });
  });

  it('fails where nobody listens', async () => {
    expect(await get(await closedPort())).toEqual({ success: false, message: 'connection refused' });
  });

  it('takes any certificate', async () => {
    const server = createHttpsServer(await selfSigned(), (_, response) => response.end());
    expect(await get(await listen(server), { scheme: 'HTTPS' })).toEqual({
      success: true,
      message: 'HTTP 200',
    });
  });
});

describe('probeTcp', () => {
  it('succeeds where somebody listens, whatever he does then', async () => {
    const server = createTcpServer((socket) => socket.destroy());
    expect(await probeTcp(await listen(server), NEVER)).toMatchObject({ success: true });
  });

  it('fails where nobody does', async () => {
    expect(await probeTcp(await closedPort(), NEVER)).toEqual({
      success: false,
      message: 'connection refused',
    });
  });

  it("does not believe Docker's proxy at once", async () => {
    const refusing = await listen(createTcpServer((socket) => socket.destroy()));
    expect(await probeTcp({ ...refusing, proxied: true }, NEVER)).toMatchObject({ success: false });
    const serving = await listen(createTcpServer((socket) => socket.on('error', () => socket.destroy())));
    expect(await probeTcp({ ...serving, proxied: true }, NEVER)).toMatchObject({ success: true });
  });

  it('fails when its time is over', async () => {
    const time = new AbortController();
    const serving = await listen(createTcpServer(() => time.abort('late')));
    expect(await probeTcp({ ...serving, proxied: true }, time.signal)).toEqual({
      success: false,
      message: 'late',
    });
  });
});

async function selfSigned(): Promise<{ key: string; cert: string }> {
  const directory = await mkdtemp(join(tmpdir(), 'self-signed-'));
  const [key, cert] = [join(directory, 'key.pem'), join(directory, 'cert.pem')];
  const subject = ['-subj', '/CN=elsewhere.example', '-days', '1', '-nodes'];
  const files = ['-keyout', key, '-out', cert];
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1'];
  await promisify(execFile)('openssl', ['req', '-x509', ...curve, ...files, ...subject]);
  const pair = { key: await readFile(key, 'utf8'), cert: await readFile(cert, 'utf8') };
  await rm(directory, { recursive: true });
  return pair;
}
