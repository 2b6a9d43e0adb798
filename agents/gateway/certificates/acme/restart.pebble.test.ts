import { cp, readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import { until } from '../../../../test/support/eventually.ts';
import { AcmeWorld, DOMAIN } from '../../../../test/support/pebble-world.ts';

const HOST = `web-alice.${DOMAIN}`;
const NEW_ORDER = '/order-plz';

/** What the CA is asked on the way to a certificate, in order, but for its directory. */
const STEPS = ['/sign-me-up', NEW_ORDER, '/my-order/', '/authZ/', '/chalZ/', '/finalize-order/', '/certZ/'];

jest.setTimeout(90_000);

let acme: AcmeWorld;

beforeEach(async () => {
  acme = await AcmeWorld.start();
});

afterEach(() => acme.dispose());

describe('G8: a restart', () => {
  it('serves what there was, and orders nothing', async () => {
    await acme.ready(await acme.gateway([HOST]), HOST);
    const serial = await acme.serial(HOST);
    const before = acme.proxy.requests.length;
    for (let restart = 0; restart < 3; restart++) {
      const certificates = await acme.gateway([]);
      expect(await acme.serial(HOST)).toBe(serial);
      certificates.want(new Set([HOST]));
      expect(certificates.state(HOST)).toEqual({ ready: true });
      await until(() => (acme.proxy.requests.length > before + restart ? true : undefined));
    }
    // Each asks once whether the CA has an opinion on renewals.
    expect(acme.proxy.requests.slice(before)).toEqual(['/dir', '/dir', '/dir']);
    expect(acme.pebble.orders).toBe(1);
  });

  it.each(STEPS)('goes on with an order that was at %s when it was told to stop', async (step) => {
    await acme.gateway([HOST]);
    await reached(step, () => acme.stopGateway());
    await until(async () => (step === NEW_ORDER ? orderIsWritten() : true));
    await acme.ready(await acme.gateway([HOST]), HOST);
    await acme.serial(HOST);
    expect([acme.pebble.orders, acme.pebble.certificates]).toEqual([1, 1]);
  });

  it.each(STEPS.filter((step) => step !== NEW_ORDER))(
    'goes on with an order that was at %s when the power failed',
    async (step) => {
      await acme.gateway([HOST]);
      const copy = join(acme.directory, 'survived');
      await reached(step, () => cp(acme.state, copy, { recursive: true }));
      acme.stopGateway();
      acme.state = copy;
      await acme.ready(await acme.gateway([HOST]), HOST);
      await acme.serial(HOST);
      expect([acme.pebble.orders, acme.pebble.certificates]).toEqual([1, 1]);
    },
  );

  it('sets a damaged certificate aside and obtains another', async () => {
    await acme.ready(await acme.gateway([HOST]), HOST);
    acme.stopGateway();
    const [[name, text] = ['', '']] = await acme.records('certificate-');
    await writeFile(join(acme.state, name), `${text.slice(0, 500)}x${text.slice(501)}`);
    await acme.ready(await acme.gateway([HOST]), HOST);
    expect(acme.pebble.orders).toBe(2);
    expect(await readdir(join(acme.state, 'quarantine'))).toHaveLength(1);
    expect(acme.logger.at('warn')).toMatchObject([{ message: 'Damaged file was set aside' }]);
  });

  it('leaves keys to their owner, and out of the log', async () => {
    await acme.ready(await acme.gateway([HOST]), HOST);
    expect((await stat(acme.state)).mode & 0o777).toBe(0o700);
    const names = await readdir(acme.state);
    expect(names.map((name) => name.split('-')[0]).sort()).toEqual(['account', 'budget', 'certificate']);
    for (const name of names) expect((await stat(join(acme.state, name))).mode & 0o777).toBe(0o600);
    expect(JSON.stringify(acme.logger.lines)).not.toContain('PRIVATE KEY');
  });
});

/** Does something at the moment when the CA has done a step and we have not heard of it. */
async function reached(step: string, action: () => void | Promise<void>): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  acme.proxy.answered = async (path) => {
    if (!path.startsWith(step)) return;
    acme.proxy.answered = undefined;
    await Promise.resolve(action()).then(resolve, reject);
  };
  await promise;
}

async function orderIsWritten(): Promise<true | undefined> {
  const [[, text] = ['', '']] = await acme.records('order-');
  return text.includes('"url"') || undefined;
}
