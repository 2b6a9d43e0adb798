import { X509Certificate } from 'node:crypto';
import { jest } from '@jest/globals';
import { eventually, until } from '../../../../test/support/eventually.ts';
import { AcmeWorld, DOMAIN } from '../../../../test/support/pebble-world.ts';
import { renewalIdentifier } from '../x509/identifier.ts';

const HOST = `web-alice.${DOMAIN}`;
const DAY_MS = 86_400_000;

jest.setTimeout(90_000);

let acme: AcmeWorld;

beforeEach(async () => {
  acme = await AcmeWorld.start();
});

afterEach(() => acme.dispose());

/** Waits until visitors see another certificate than this one; some hours pass meanwhile. */
async function replaced(serial: string): Promise<void> {
  await eventually(
    async () => {
      acme.clock.leap(DAY_MS / 24);
      return (await acme.serial(HOST)) !== serial;
    },
    { timeoutMs: 20_000, intervalMs: 50 },
  );
}

describe('G8: renewal', () => {
  it('comes after two thirds of the life of a certificate, and not before', async () => {
    const certificates = await acme.gateway([HOST]);
    await acme.ready(certificates, HOST);
    const serial = await acme.serial(HOST);
    acme.clock.leap(56 * DAY_MS);
    await until(() => acme.proxy.requests.filter((path) => path === '/dir').length > 1 || undefined);
    expect([await acme.serial(HOST), acme.pebble.orders]).toEqual([serial, 1]);
    acme.clock.leap(5 * DAY_MS);
    // Pebble's clock has not leapt: what it signs now is as old to us as what it replaces.
    await replaced(serial);
  });

  it('is done without anybody noticing that the CA is away through all of it', async () => {
    const certificates = await acme.gateway([HOST]);
    await acme.ready(certificates, HOST);
    const serial = await acme.serial(HOST);
    acme.proxy.away = true;
    const notices: string[] = [];
    certificates.onChange((host) => notices.push(JSON.stringify(certificates.state(host))));
    for (let day = 55; day < 90; day += 2) {
      acme.clock.leap((day === 55 ? 55 : 2) * DAY_MS);
      for (let visitor = 0; visitor < 5; visitor++) expect(await acme.serial(HOST)).toBe(serial);
      expect(certificates.state(HOST)).toEqual({ ready: true });
    }
    await until(() => acme.logger.at('warn').length > 1 || undefined);
    expect(new Set(notices)).toEqual(new Set(['{"ready":true}']));
    acme.proxy.away = false;
    await replaced(serial);
  });

  it('that never comes leaves an expired certificate, which is served rather than none', async () => {
    const certificates = await acme.gateway([HOST]);
    await acme.ready(certificates, HOST);
    const serial = await acme.serial(HOST);
    acme.proxy.away = true;
    acme.clock.leap(91 * DAY_MS);
    await until(() => (certificates.state(HOST).ready ? undefined : true));
    await until(() => acme.logger.at('warn').length > 0 || undefined);
    expect(certificates.state(HOST)).toMatchObject({
      reason: 'CertificateFailed',
      message: expect.stringMatching(/^localhost:\d+ cannot be reached: .*; it is tried again at/),
    });
    expect(await acme.serial(HOST)).toBe(serial);
    const restarted = await acme.gateway([HOST]);
    expect(restarted.state(HOST).ready).toBe(false);
    expect(await acme.serial(HOST)).toBe(serial);
  });

  it('comes when the CA would like it to, and says what it replaces', async () => {
    let window = { start: 50, end: 52 };
    acme.proxy.extra = { renewalInfo: '/renewal' };
    const asked: string[] = [];
    const replaces: unknown[] = [];
    acme.proxy.intercept = (path, body) => {
      if (path === '/order-plz') replaces.push(payloadOf(body).replaces);
      if (!path.startsWith('/renewal/')) return undefined;
      asked.push(path.slice('/renewal/'.length));
      const [start, end] = [window.start, window.end].map((days) =>
        new Date(Date.now() + days * DAY_MS).toISOString(),
      );
      return {
        status: 200,
        headers: { 'retry-after': '86400' },
        text: JSON.stringify({ suggestedWindow: { start, end } }),
      };
    };
    const certificates = await acme.gateway([HOST]);
    await acme.ready(certificates, HOST);
    const { raw, serialNumber } = await acme.edge.visit(HOST, await acme.pebble.issuingRoot());
    const identifier = renewalIdentifier(new X509Certificate(raw));
    acme.clock.leap(2 * DAY_MS);
    await until(() => asked.length > 0 || undefined);
    expect(asked).toEqual([identifier]);
    // An incident: all of them must go.
    window = { start: -1, end: 0 };
    acme.clock.leap(DAY_MS);
    await replaced(serialNumber);
    expect(replaces.slice(0, 2)).toEqual([undefined, identifier]);
  });
});

/** What a signed request says. */
function payloadOf(body: string): { replaces?: unknown } {
  return JSON.parse(Buffer.from(JSON.parse(body).payload, 'base64url').toString());
}
