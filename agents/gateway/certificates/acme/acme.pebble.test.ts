import { once } from 'node:events';
import { chmod, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import { until } from '../../../../test/support/eventually.ts';
import { AcmeWorld, DOMAIN, type WorldOptions } from '../../../../test/support/pebble-world.ts';

/** The CA is a real one: Pebble. */

const HOST = `web-alice.${DOMAIN}`;
const OTHER = `shop-bob.${DOMAIN}`;
const CHALLENGE = `_acme-challenge.${DOMAIN}`;

jest.setTimeout(90_000);

const worlds: AcmeWorld[] = [];

async function world(options?: WorldOptions): Promise<AcmeWorld> {
  const made = await AcmeWorld.start(options);
  worlds.push(made);
  return made;
}

afterEach(async () => {
  for (const made of worlds.splice(0)) await made.dispose();
});

describe('G8: certificates by ACME', () => {
  it('obtains the first one within seconds', async () => {
    const acme = await world();
    const startedAt = performance.now();
    const certificates = await acme.gateway([HOST], { email: 'a@example.com' });
    await acme.ready(certificates, HOST);
    process.stderr.write(`first certificate after ${Math.round(performance.now() - startedAt)} ms\n`);
    expect((await acme.edge.visit(HOST, await acme.pebble.issuingRoot())).subjectaltname).toBe(`DNS:${HOST}`);
    expect(acme.pebble.orders).toBe(1);
  });

  it('proves a host over HTTP, and over TLS where the HTTP port is closed', async () => {
    const open = await world();
    await open.ready(await open.gateway([HOST]), HOST);
    expect(open.edge.asked).toEqual({ http: expect.any(Number), tls: 0 });
    const closed = await world({ edge: { http: false } });
    const certificates = await closed.gateway([HOST]);
    await until(() => (closed.logger.at('warn').length === 1 ? true : undefined), { timeoutMs: 20_000 });
    expect(certificates.state(HOST)).toEqual({
      ready: false,
      reason: 'CertificateFailed',
      message: expect.stringMatching(/^http-01 failed: .*; it is tried again at 20/),
    });
    closed.clock.leap(60_000);
    await closed.ready(certificates, HOST);
    expect(closed.edge.asked.tls).toBeGreaterThan(0);
  });

  it('covers the domain and all that is below it with one order, proven by DNS', async () => {
    const acme = await world();
    const certificates = await acme.gateway([HOST, OTHER, DOMAIN], { dns: acme.dnsUpdate });
    for (const host of [HOST, OTHER, DOMAIN]) {
      await acme.ready(certificates, host);
      await acme.serial(host);
    }
    certificates.want(new Set([HOST, OTHER, DOMAIN, `third.${DOMAIN}`]));
    expect(certificates.state(`third.${DOMAIN}`)).toEqual({ ready: true });
    expect([acme.pebble.orders, acme.pebble.certificates]).toEqual([1, 1]);
    await until(() => (acme.dns.changes.length === 4 ? true : undefined));
    expect(acme.dns.changes).toEqual([`+${CHALLENGE}`, `+${CHALLENGE}`, `-${CHALLENGE}`, `-${CHALLENGE}`]);
    expect(acme.dns.valuesOf(CHALLENGE)).toEqual([]);
  });

  it('runs a hook for DNS, and proves a custom domain by itself', async () => {
    const acme = await world();
    const provider = await startProvider(acme);
    try {
      const custom = 'shop.example.org';
      const dns = { by: 'exec', file: await writeHook(acme, provider) } as const;
      const certificates = await acme.gateway([HOST, custom], { dns });
      await acme.ready(certificates, HOST);
      await acme.ready(certificates, custom);
      expect(acme.edge.asked.http).toBeGreaterThan(0);
      await until(() => (acme.dns.changes.length === 4 ? true : undefined));
      expect(acme.dns.valuesOf(CHALLENGE)).toEqual([]);
    } finally {
      await new Promise((resolve) => provider.close(resolve));
    }
  });

  it('ties its account to one that the CA knows', async () => {
    const key = 'zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkMTQ12W';
    const acme = await world({ externalAccounts: { 'kid-1': key } });
    const refused = await acme.gateway([HOST]);
    await until(() => (acme.logger.at('warn').length > 0 ? true : undefined));
    expect(refused.state(HOST)).toMatchObject({
      message: expect.stringContaining('externalAccountRequired'),
    });
    await acme.ready(await acme.gateway([HOST], { external: { kid: 'kid-1', key } }), HOST);
  });

  it('bears a CA that refuses half of its nonces and takes its time', async () => {
    const acme = await world({
      env: { PEBBLE_WFE_NONCEREJECT: '50', PEBBLE_VA_NOSLEEP: '0', PEBBLE_VA_SLEEPTIME: '2' },
    });
    const certificates = await acme.gateway([HOST, OTHER]);
    await acme.ready(certificates, HOST);
    await acme.ready(certificates, OTHER);
    expect(acme.pebble.orders).toBe(2);
  });

  it('orders once, however often a host is wanted and not wanted meanwhile', async () => {
    const acme = await world();
    const certificates = await acme.gateway([HOST]);
    for (let change = 0; change < 200; change++) {
      certificates.want(new Set(change % 2 === 0 ? [] : [HOST]));
      if (change % 10 === 0) await acme.clock.settle();
    }
    await acme.ready(certificates, HOST);
    expect([acme.pebble.orders, acme.pebble.certificates]).toEqual([1, 1]);
  });

  it('stops before the CA loses its patience with a host that cannot be reached', async () => {
    const acme = await world({ edge: { http: false, tls: false } });
    const certificates = await acme.gateway([HOST]);
    const attempts = () => acme.logger.at('warn').length;
    for (let attempt = 1; attempt <= 4; attempt++) {
      await until(() => attempts() === attempt || undefined, { timeoutMs: 20_000 });
      await acme.clock.settle();
      acme.clock.leap(300_000);
    }
    await until(() => attempts() === 5 || undefined, { timeoutMs: 20_000 });
    expect(certificates.state(HOST)).toEqual({
      ready: false,
      reason: 'CertificatePending',
      message: expect.stringMatching(
        /^there were 4 failed validations in an hour: the next is ordered at 20/,
      ),
    });
    expect(acme.pebble.orders).toBe(4);
  });

  it('orders nothing for names that nobody wants', async () => {
    const acme = await world();
    const certificates = await acme.gateway([HOST]);
    await acme.ready(certificates, HOST);
    for (let guess = 0; guess < 10_000; guess++) {
      const name = `guess-${guess}.${DOMAIN}`;
      expect([certificates.contextFor(name), certificates.challengeFor(name)]).toEqual([
        undefined,
        undefined,
      ]);
      expect(certificates.answerTo(name, 'token')).toBeUndefined();
    }
    expect(acme.pebble.orders).toBe(1);
  });
});

/** Whose interface the hook calls: it publishes what it is told, then says so by hanging up. */
async function startProvider({ dns }: AcmeWorld): Promise<Server> {
  const provider = createServer((socket) => {
    socket.once('data', (data) => {
      const [verb, fqdn = '', value = ''] = data.toString().split(' ');
      if (verb === 'present') dns.add(fqdn, value);
      else dns.delete(fqdn, value);
      socket.end();
    });
  });
  await once(provider.listen(0, '127.0.0.1'), 'listening');
  return provider;
}

async function writeHook({ directory }: AcmeWorld, provider: Server): Promise<string> {
  const { port } = provider.address() as AddressInfo;
  const file = join(directory, 'hook');
  const call = `require('net').connect(${port}, '127.0.0.1').resume().write(process.argv.slice(2).join(' '))`;
  await writeFile(file, `#!${process.execPath}\n${call}\n`);
  await chmod(file, 0o700);
  return file;
}
