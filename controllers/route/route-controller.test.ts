import { StatusError } from '../../api/meta/status-error.ts';
import { ALICE, BOB, CAROL, trustedPeer } from '../../test/support/objects.ts';
import { endWorlds, RouteWorld } from '../../test/support/route-world.ts';

const PROVIDER = { kind: 'TrustedPeer', name: 'alice' } as const;

describe('a gateway', () => {
  let gateway: RouteWorld;

  beforeEach(async () => {
    gateway = new RouteWorld();
    await gateway.start();
    gateway.router.connect(ALICE);
    gateway.hostProofs.give('shop.bob.example', BOB);
  });

  afterEach(endWorlds);

  it('serves what a provider carries, under a name made of the Deployment and its owner', async () => {
    const route = await gateway.until(await gateway.ask('web'), 'Ready');
    expect(route.status).toMatchObject({
      host: 'web-bob.example.com',
      url: 'https://web-bob.example.com',
      tunnel: { port: 443, workers: 1 },
    });
    const { uid } = route.spec.deployment;
    expect(gateway.router.served).toEqual([
      {
        host: 'web-bob.example.com',
        protocol: 'HTTP',
        backends: [{ provider: ALICE, target: { owner: BOB, uid } }],
      },
    ]);
    expect([...gateway.certificates.wanted]).toEqual(['web-bob.example.com']);
    await gateway.expectSettled();
  });

  it('names an owner that it does not know by a short form of the peer ID', async () => {
    const { status } = await gateway.until(await gateway.ask('web', { owner: CAROL }), 'Ready');
    expect(status?.host).toMatch(/^web-[0-9a-f]{8}\.example\.com$/);
  });

  it('gives a host that is granted, and no other', async () => {
    const granted = await gateway.ask('shop', { expose: { host: 'shop.bob.example' } });
    expect((await gateway.until(granted, 'Ready')).status?.host).toBe('shop.bob.example');
    const other = await gateway.ask('bank', { expose: { host: 'bank.example' } });
    await gateway.until(other, 'HostNotAllowed');
    const deeper = await gateway.ask('deep', { expose: { host: 'a.b.bob.example' } });
    await gateway.until(deeper, 'HostNotAllowed');
    expect(gateway.router.served.map(({ host }) => host)).toEqual(['shop.bob.example']);
  });

  it('keeps a host name for whoever held it first, also while nobody serves it', async () => {
    await gateway.store.apply(
      trustedPeer('carol', CAROL, { grants: { expose: { hosts: ['*.bob.example'] } } }),
    );
    const expose = { host: 'shop.bob.example' };
    const first = await gateway.until(await gateway.ask('shop', { expose }), 'Ready');
    await gateway.store.delete(key(first));
    await gateway.eventually(() => expect(gateway.router.served).toEqual([]));
    const thief = await gateway.ask('shop', { owner: CAROL, expose });
    await gateway.until(thief, 'HostnameTaken');
    expect(gateway.router.served).toEqual([]);
    await gateway.until(await gateway.ask('shop', { expose }), 'Ready');
  });

  it('gives another name where the first one would be somebody else’s', async () => {
    await gateway.store.apply(trustedPeer('b-bob', CAROL));
    const first = await gateway.until(await gateway.ask('web-b', { owner: BOB }), 'Ready');
    const second = await gateway.until(await gateway.ask('web', { owner: CAROL }), 'Ready');
    expect(first.status?.host).toBe('web-b-bob.example.com');
    expect(second.status?.host).toMatch(/^web-b-bob-[0-9a-f]{8}\.example\.com$/);
    await gateway.expectSettled();
  });

  it('lets the replicas of one Deployment share its name over providers', async () => {
    await gateway.store.apply(trustedPeer('carol', CAROL, { grants: { expose: {} } }));
    gateway.router.connect(CAROL);
    await gateway.until(await gateway.ask('web'), 'Ready');
    await gateway.until(await gateway.ask('web', { provider: CAROL }), 'Ready');
    expect(gateway.router.served.map(({ backends }) => backends.map(({ provider }) => provider))).toEqual([
      [ALICE, CAROL],
    ]);
  });

  it('refuses what the owner did not sign', async () => {
    gateway.signatureProblem = 'its owner signed it for another provider';
    const { status } = await gateway.until(await gateway.ask('web'), 'SignatureInvalid');
    expect(status?.url).toBeUndefined();
    expect(gateway.router.served).toEqual([]);
    expect((await gateway.store.list('HostReservation')).items).toEqual([]);
  });

  it('stops serving at once for a provider that it no longer trusts', async () => {
    const route = await gateway.until(await gateway.ask('web'), 'Ready');
    await gateway.store.delete(PROVIDER);
    await gateway.until(route, 'NotGranted');
    expect(gateway.router.served).toEqual([]);
  });

  it('says which link is broken: certificate, tunnel, container', async () => {
    const pending = { ready: false as const, reason: 'CertificatePending', message: 'ordered' };
    gateway.certificates.set('web-bob.example.com', pending);
    const route = await gateway.ask('web');
    await gateway.until(route, 'CertificatePending');
    gateway.router.disconnect(ALICE);
    gateway.certificates.set('web-bob.example.com', { ready: true });
    await gateway.until(route, 'Disconnected');
    gateway.router.problem = new StatusError('ServiceUnavailable', 'no replica is ready', {
      cause: 'NotAnswering',
    });
    gateway.router.connect(ALICE);
    await gateway.until(route, 'NotAnswering');
    gateway.router.problem = undefined;
    await gateway.until(route, 'Ready');
    await gateway.expectSettled();
  });
});

function key({ kind, metadata: { owner, namespace, name } }: Awaited<ReturnType<RouteWorld['ask']>>) {
  return { kind, owner, namespace, name };
}
