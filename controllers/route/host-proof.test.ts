import { API_VERSION } from '../../api/kinds.ts';
import { findCondition } from '../../api/meta/condition.ts';
import type { Route } from '../../api/v1alpha1/types.ts';
import { ALICE, BOB, CAROL, trustedPeer } from '../../test/support/objects.ts';
import { endWorlds, RouteWorld } from '../../test/support/route-world.ts';

const HOST = 'shop.bob.example';
const MINUTE_MS = 60_000;

describe('a host outside of the domain of the gateway', () => {
  let gateway: RouteWorld;

  beforeEach(async () => {
    gateway = new RouteWorld();
    await gateway.start();
    gateway.router.connect(ALICE);
  });

  afterEach(endWorlds);

  const ask = (owner = BOB) => gateway.ask('shop', { owner, expose: { host: HOST } });
  const looks = () => gateway.hostProofs.looks;

  it('is not served before it is proven, and nobody is kept from it', async () => {
    const { status } = await gateway.until(await ask(), 'HostNotProven');
    const { message, status: accepted } = findCondition(status?.conditions, 'Accepted')!;
    expect(accepted).toBe('False');
    expect(message).toContain(`_peercompute.${HOST} TXT "peercompute=${BOB}"`);
    expect(status).not.toHaveProperty('host');
    expect([gateway.router.served, [...gateway.certificates.wanted]]).toEqual([[], []]);
    expect((await gateway.store.list('HostReservation')).items).toEqual([]);
  });

  it('is served once its record is there', async () => {
    const route = await gateway.until(await ask(), 'HostNotProven');
    gateway.hostProofs.give(HOST, BOB);
    expect((await gateway.until(route, 'Ready')).status?.host).toBe(HOST);
    await gateway.expectSettled();
  });

  it('cannot be taken by somebody else who was granted it', async () => {
    const hosts = ['*.bob.example'];
    await gateway.store.apply(trustedPeer('carol', CAROL, { grants: { expose: { hosts } } }));
    gateway.hostProofs.give(HOST, BOB);
    const thief = await gateway.until(await ask(CAROL), 'HostNotProven');
    await gateway.until(await ask(), 'Ready');
    await gateway.clock.advance(10 * MINUTE_MS);
    await gateway.until(thief, 'HostnameTaken');
    expect(gateway.router.served.map(({ backends }) => backends.length)).toEqual([1]);
  });

  it('is looked for less and less often: after half a minute first, and then every ten minutes', async () => {
    const route = await gateway.until(await ask(), 'HostNotProven');
    expect(looks()).toBe(1);
    await gateway.clock.advance(MINUTE_MS);
    expect(looks()).toBe(2);
    await gateway.clock.advance(30 * MINUTE_MS);
    const soFar = looks();
    expect(soFar).toBeLessThan(9);
    await gateway.clock.advance(60 * MINUTE_MS);
    expect(looks()).toBe(soFar + 6);
    expect(await gateway.readyReason(route)).toBe('HostNotProven');
    await gateway.expectSettled();
  });

  it('is looked for at once when the Route changes, and for nothing else', async () => {
    await gateway.until(await ask(), 'HostNotProven');
    const soFar = looks();
    await touchOwner();
    expect(looks()).toBe(soFar);
    await gateway.ask('shop', { expose: { host: HOST, port: 81 } });
    await gateway.clock.settle();
    expect(looks()).toBe(soFar + 1);
  });

  it('stays with whom it was reserved for, whatever the DNS says later', async () => {
    gateway.hostProofs.give(HOST, BOB);
    const route = await gateway.until(await ask(), 'Ready');
    gateway.hostProofs.fails = true;
    await gateway.store.delete(key(route));
    await gateway.eventually(() => expect(gateway.router.served).toEqual([]));
    const soFar = looks();
    await gateway.until(await ask(), 'Ready');
    expect(looks()).toBe(soFar);
  });

  it('needs no proof where the owner of the gateway has reserved it', async () => {
    const deployment = { namespace: 'default', name: 'shop' };
    await gateway.store.apply({
      apiVersion: API_VERSION,
      kind: 'HostReservation',
      metadata: { name: HOST },
      spec: { owner: BOB, deployment, generated: false },
    });
    await gateway.until(await ask(), 'Ready');
    expect(looks()).toBe(0);
  });

  it('is proven in vain where it is not granted', async () => {
    gateway.hostProofs.give('bank.example', BOB);
    await gateway.until(await gateway.ask('bank', { expose: { host: 'bank.example' } }), 'HostNotAllowed');
    expect(looks()).toBe(0);
  });

  it('is no host below the domain, which needs no proof', async () => {
    await grantBob(['*.example.com', 'badexample.com']);
    await gateway.until(await gateway.ask('own', { expose: { host: 'own.example.com' } }), 'Ready');
    expect(looks()).toBe(0);
    await gateway.until(await gateway.ask('bad', { expose: { host: 'badexample.com' } }), 'HostNotProven');
  });

  async function grantBob(hosts: string[]): Promise<void> {
    const patch = { spec: { grants: { expose: { hosts } } } };
    await gateway.store.patch({ kind: 'TrustedPeer', name: 'bob' }, patch);
  }

  /** What makes the gateway look at the Routes of an owner again. */
  async function touchOwner(): Promise<void> {
    await gateway.store.patch({ kind: 'TrustedPeer', name: 'bob' }, { metadata: { labels: { a: 'b' } } });
    await gateway.clock.settle();
  }
});

function key({ kind, metadata: { owner, namespace, name } }: Route) {
  return { kind, owner, namespace, name };
}
