import { jest } from '@jest/globals';
import { until } from '../../../../test/support/eventually.ts';
import type { Reply } from '../../../../test/support/pebble-proxy.ts';
import { AcmeWorld, DOMAIN } from '../../../../test/support/pebble-world.ts';

const HOST = `web-alice.${DOMAIN}`;
const NEW_ORDER = '/order-plz';

jest.setTimeout(90_000);

let acme: AcmeWorld;

beforeAll(async () => {
  acme = await AcmeWorld.start();
});

afterAll(() => acme.dispose());

let tests = 0;

beforeEach(() => {
  acme.stopGateway();
  acme.proxy.intercept = undefined;
  acme.proxy.away = false;
  acme.state = `${acme.directory}/state-${++tests}`;
});

function problem(status: number, type: string, detail: string, headers: Record<string, string> = {}): Reply {
  return { status, headers, text: JSON.stringify({ type: `urn:ietf:params:acme:error:${type}`, detail }) };
}

/** What is said of a host that has no certificate, once an attempt has failed. */
async function failure(): Promise<{ reason: string; message: string }> {
  const certificates = await acme.gateway([HOST]);
  return until(
    () => {
      const state = certificates.state(HOST);
      return !state.ready && state.reason === 'CertificateFailed' ? state : undefined;
    },
    { timeoutMs: 20_000 },
  );
}

describe('a CA that', () => {
  it('is away is asked again, less and less often', async () => {
    acme.proxy.away = true;
    expect((await failure()).message).toMatch(
      /^localhost:\d+ cannot be reached: .+; it is tried again at 20.*Z$/,
    );
    acme.proxy.away = false;
    const certificates = await acme.gateway([HOST]);
    await acme.ready(certificates, HOST);
  });

  it('asks to be left alone is left alone, and its words are bounded and harmless', async () => {
    const detail = `too many\u001b[31m certificates\u202e\n${'x'.repeat(10_000)}`;
    let orders = 0;
    acme.proxy.intercept = (path) => {
      if (path !== NEW_ORDER || ++orders > 1) return undefined;
      return problem(429, 'rateLimited', detail, { 'retry-after': '7200' });
    };
    const { message } = await failure();
    expect(message).toMatch(
      /^rateLimited: too many\\u\{1b\}\[31m certificates\\u\{202e\}\\u\{a\}x+\.\.\.; it is/,
    );
    expect(message.length).toBeLessThan(420);
    acme.clock.leap(7_000_000);
    await acme.clock.settle();
    expect(orders).toBe(1);
    acme.clock.leap(300_000);
    await until(() => orders === 2 || undefined);
  });

  it('has forgotten our account gets to know the same key again', async () => {
    let refused = false;
    acme.proxy.intercept = (path) => {
      if (path !== NEW_ORDER || refused) return undefined;
      refused = true;
      return problem(400, 'accountDoesNotExist', 'who are you?');
    };
    expect((await failure()).message).toContain('who are you?');
    acme.proxy.requests.length = 0;
    const certificates = await acme.gateway([HOST]);
    await acme.ready(certificates, HOST);
    expect(acme.proxy.requests).toContain('/sign-me-up');
  });

  it('forgets an order in the middle is given another', async () => {
    let lost = false;
    acme.proxy.intercept = (path) => {
      if (!path.startsWith('/my-order/') || lost) return undefined;
      lost = true;
      return problem(404, 'malformed', 'no such order');
    };
    expect((await failure()).message).toContain('no such order');
    const certificates = await acme.gateway([HOST]);
    await acme.ready(certificates, HOST);
  });

  it.each<[what: string, path: string, reply: Reply, says: RegExp]>([
    ['answers with nonsense', '/dir', { status: 200, text: '<html>' }, /has no usable "newNonce"/],
    ['answers without end', '/dir', { status: 200, text: ' '.repeat(1 << 20) }, /more than 262144 bytes/],
    [
      'leads elsewhere',
      '/dir',
      { status: 302, headers: { location: 'https://localhost/' }, text: '{}' },
      /status 302/,
    ],
    [
      'leads to plain HTTP',
      '/dir',
      { status: 200, text: directory('http://localhost') },
      /is not an https address/,
    ],
    ['is broken', NEW_ORDER, { status: 500, text: '' }, /HTTP status 500/],
    ['refuses the name', NEW_ORDER, problem(400, 'rejectedIdentifier', 'never'), /rejectedIdentifier: never/],
    ['does not say where', NEW_ORDER, { status: 201, text: '{}' }, /did not say where/],
    ['signs nothing', '/certZ/', { status: 200, text: 'certificate' }, /its certificate cannot be used/],
  ])('%s is not believed', async (_, path, reply, says) => {
    acme.proxy.intercept = (asked) => (asked.startsWith(path) ? reply : undefined);
    expect((await failure()).message).toMatch(says);
  });
});

function directory(base: string): string {
  return JSON.stringify({ newNonce: `${base}/n`, newAccount: `${base}/a`, newOrder: `${base}/o` });
}
