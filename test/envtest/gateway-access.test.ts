import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import { hashPassword } from '../../agents/adapters/system/password-hash.ts';
import type { Access } from '../../api/v1alpha1/access.ts';
import { eventually } from '../support/eventually.ts';
import { DataPath, HOST } from '../support/gateway-data-path.ts';

describe('the door of a gateway', () => {
  let path: DataPath;
  let served: string[];

  async function open({ access, ...decisions }: DataPath['decisions'] & { access?: Access }): Promise<void> {
    path.decisions = decisions;
    await path.start();
    path.handle = (request, response) => {
      served.push(request.url ?? '');
      response.end('hello');
    };
    await path.dial();
    path.serve(path.backends, access);
  }

  beforeEach(() => {
    path = new DataPath();
    served = [];
  });

  afterEach(() => path.end());

  const visit = async (url: string, authorization?: string) =>
    (await path.visit(url, authorization ? { headers: { authorization } } : {})).status;

  it('lets in who knows a password or a token, and shows the container nobody else', async () => {
    const basicAuth = [{ username: 'ann', passwordHash: await hashPassword('secret') }];
    const bearer = [`sha256:${createHash('sha256').update('a-token').digest('hex')}`];
    await open({ access: { basicAuth, bearer } });
    const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;
    expect(await visit('/nobody')).toBe(401);
    expect(await visit('/wrong', basic('ann:wrong'))).toBe(401);
    expect(await visit('/ann', basic('ann:secret'))).toBe(200);
    expect(await visit('/ann-again', basic('ann:secret'))).toBe(200);
    expect(await visit('/token', 'Bearer a-token')).toBe(200);
    expect(await visit('/other-token', 'Bearer another')).toBe(401);
    expect(served).toEqual(['/ann', '/ann-again', '/token']);
    expect((await path.visit('/')).headers['www-authenticate']).toBe(
      `Basic realm="${HOST}", charset="UTF-8"`,
    );
  });

  it('is open to the networks it is told, and changes with its rules', async () => {
    await open({ access: { allowCIDRs: ['192.0.2.0/24'] } });
    expect(await visit('/far')).toBe(403);
    path.serve(path.backends, { allowCIDRs: ['127.0.0.0/8'] });
    expect(await visit('/near')).toBe(200);
    path.serve(path.backends, { allowCIDRs: ['2001:db8::/32'] });
    expect(await visit('/near-no-more')).toBe(403);
    path.serve(path.backends);
    expect(await visit('/anybody')).toBe(200);
    expect(served).toEqual(['/near', '/anybody']);
  });

  it('looks behind a proxy of its owner, and believes only the last that it says', async () => {
    path.behindProxy = true;
    await open({ access: { allowCIDRs: ['192.0.2.0/24'] } });
    const from = async (chain: string) =>
      (await path.visitPlain('/', HOST, { 'x-forwarded-for': chain })).status;
    expect(await from('192.0.2.7')).toBe(200);
    expect(await from('198.51.100.1, 192.0.2.7')).toBe(200);
    expect(await from('192.0.2.7, 198.51.100.1')).toBe(403);
  });

  it('turns away who asks too often', async () => {
    await open({ visitorLimits: { ratePerAddress: 1 } });
    const statuses = [];
    for (let request = 0; request < 5; request++) statuses.push(await visit(`/${request}`));
    expect(statuses.slice(0, 3)).toEqual([200, 200, 200]);
    expect(statuses.slice(3)).toContain(429);
    expect((await path.visit('/')).headers['retry-after']).toBe('1');
  });

  it('holds so many connections of one address, and takes the next when one has gone', async () => {
    await open({ visitorLimits: { connectionsPerAddress: 2 } });
    // The first is the tunnel of the provider.
    const idle = connect(path.ingress.httpsPort, '127.0.0.1');
    await once(idle, 'connect');
    await eventually(() => expect(path.visit('/second')).rejects.toThrow());
    idle.destroy();
    await eventually(async () => expect(await visit('/third')).toBe(200));
  });

  it('tells browsers to insist on HTTPS, in place of what the container says', async () => {
    await open({ hstsSeconds: 3600 });
    path.handle = (_, response) => response.setHeader('Strict-Transport-Security', 'max-age=0').end();
    expect((await path.visit('/')).headers['strict-transport-security']).toBe('max-age=3600');
  });
});
