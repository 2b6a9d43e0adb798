import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FakeClock } from '../../../../test/support/fake-clock.ts';
import { FakeLogger } from '../../../../test/support/fake-logger.ts';
import { TestEdge } from '../../../../test/support/pebble-edge.ts';
import { temporaryDirectory } from '../../../../test/support/store-directory.ts';
import { toCredential } from '../credential.ts';
import { ServedSet } from '../served-set.ts';
import { Vault } from '../vault.ts';
import { openAuthority } from './authority.ts';
import { InternalCertificates } from './internal-certificates.ts';

const DOMAIN = 'gateway.test';
const HOST = `web-alice.${DOMAIN}`;
const DAY_MS = 86_400_000;

let place: Awaited<ReturnType<typeof temporaryDirectory>>;
let edge: TestEdge;
let clock: FakeClock;
let logger: FakeLogger;
let stop: AbortController;

beforeEach(async () => {
  place = await temporaryDirectory();
  edge = await TestEdge.start();
  // Visitors have real clocks.
  clock = new FakeClock(Date.now());
  logger = new FakeLogger();
  stop = new AbortController();
});

afterEach(async () => {
  stop.abort();
  await edge.stop();
  await place.dispose();
});

async function start(furtherDomains?: string[]): Promise<InternalCertificates> {
  stop.abort();
  stop = new AbortController();
  edge.pause();
  const init = { directory: place.directory, domain: DOMAIN, furtherDomains };
  const certificates = new InternalCertificates({ clock, logger }, init);
  await certificates.start(stop.signal);
  edge.serve(certificates);
  return certificates;
}

describe("the gateway's own authority", () => {
  it('is trusted by those who have its certificate, for the domain and every name below it', async () => {
    const certificates = await start();
    const roots = await readFile(join(place.directory, 'ca.pem'), 'utf8');
    expect(certificates.authority).toBe(roots);
    for (const host of [DOMAIN, HOST]) {
      expect(certificates.state(host)).toEqual({ ready: true });
      expect((await edge.visit(host, roots)).subjectaltname).toBe(`DNS:${DOMAIN}, DNS:*.${DOMAIN}`);
    }
    await expect(edge.visit('elsewhere.test', roots)).rejects.toThrow();
  });

  it('signs for hosts that the wildcard does not cover when they are wanted', async () => {
    const certificates = await start(['example.org']);
    const hosts = [`deep.er.${DOMAIN}`, 'shop.example.org'];
    for (const host of hosts) expect(certificates.state(host).ready).toBe(false);
    const changes: string[] = [];
    certificates.onChange((host) => changes.push(host));
    certificates.want(new Set([HOST, ...hosts]));
    expect(changes.sort()).toEqual(hosts);
    for (const host of hosts)
      expect((await edge.visit(host, certificates.authority!)).subjectaltname).toBe(`DNS:${host}`);
  });

  it('says which domains it may sign for when it may not', async () => {
    const certificates = await start();
    certificates.want(new Set(['shop.example.org']));
    expect(certificates.state('shop.example.org')).toEqual({
      ready: false,
      reason: 'CertificateFailed',
      message: expect.stringContaining(
        "outside of what the gateway's own authority may sign for, gateway.test",
      ),
    });
    expect(certificates.contextFor('shop.example.org')).toBeUndefined();
  });

  it('is not believed about other names, whoever has its key', async () => {
    await start();
    const authority = await openAuthority(
      { vault: new Vault({ logger }, place), clock, logger },
      { domains: [DOMAIN] },
    );
    const forged = new ServedSet({ clock });
    forged.put('forged', toCredential(authority.sign(['bank.example'], clock.now())));
    edge.pause();
    edge.serve(forged);
    await expect(edge.visit('bank.example', authority.certificate)).rejects.toThrow(
      'permitted subtree violation',
    );
  });

  it('survives a restart with what it has signed', async () => {
    const before = await start();
    const { serialNumber } = await edge.visit(HOST, before.authority!);
    const after = await start();
    expect(after.authority).toBe(before.authority);
    expect((await edge.visit(HOST, before.authority!)).serialNumber).toBe(serialNumber);
  });

  it('renews what it has signed after two thirds of 90 days', async () => {
    const certificates = await start();
    const { serialNumber } = await edge.visit(HOST, certificates.authority!);
    await clock.advance(56 * DAY_MS);
    expect((await edge.visit(HOST, certificates.authority!)).serialNumber).toBe(serialNumber);
    await clock.advance(4 * DAY_MS);
    const context = certificates.contextFor(HOST);
    await clock.advance(50 * DAY_MS);
    expect(certificates.contextFor(HOST)).toBe(context);
    expect(certificates.state(HOST)).toEqual({ ready: true });
    stop.abort();
    expect(clock.pending).toBe(0);
  });

  it('is made anew when it is damaged, and so is what it had signed', async () => {
    const before = await start();
    const file = join(place.directory, `authority-${DOMAIN}.json`);
    await writeFile(file, (await readFile(file, 'utf8')).replace('MII', 'MIX'));
    const after = await start();
    expect(after.authority).not.toBe(before.authority);
    await edge.visit(HOST, after.authority!);
    expect(logger.at('warn')).toMatchObject([{ message: 'Damaged file was set aside' }]);
  });

  it('comes back with its domain after a domain that was a mistake', async () => {
    const right = (await start()).authority;
    const mistaken = new InternalCertificates(
      { clock, logger },
      { directory: place.directory, domain: 'gateway.tset' },
    );
    await mistaken.start(stop.signal);
    expect(mistaken.authority).not.toBe(right);
    expect((await start()).authority).toBe(right);
  });
});
