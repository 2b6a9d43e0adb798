import { generateIdentity, type Identity } from '../../agents/adapters/identity/identity.ts';
import { systemClock as clock } from '../../agents/adapters/system/clock.ts';
import { TunnelDialer } from '../../agents/adapters/transport/tunnel/dialer.ts';
import type { ObjectKey } from '../../api/meta/object.ts';
import { eventually } from '../support/eventually.ts';
import { newProvider, type TestProvider } from '../support/gateway-provider.ts';
import { visit } from '../support/gateway-visitor.ts';
import { GatewayWorld, routeOf, signedDeployment } from '../support/gateway-world.ts';

/**
 * G4: a hostname is never served by, or lost to, another peer. Alice carries what Bob exposes; Mallory may carry
 * Routes too, and would like to have Bob's.
 */

const HOST = 'web-bob.example.com';
const SHOP = 'shop.bob.example';

let world: GatewayWorld;
let alice: TestProvider;
let mallory: TestProvider;
let bob: Identity;
let owned: ObjectKey<'Route'>;
let visitors: SteadyVisitors;

beforeEach(async () => {
  world = new GatewayWorld();
  await world.start();
  bob = generateIdentity();
  await world.trust('bob', bob, { grants: { expose: { hosts: [SHOP] } } });
  alice = await newProvider(world, 'alice');
  mallory = await newProvider(world, 'mallory');
  owned = await alice.expose(bob, 'web');
  expect(await world.until(owned, 'Ready')).toBe(HOST);
  await eventually(() => expect(world.router.tunnels(mallory.identity.peerID)).toBe(1));
  visitors = new SteadyVisitors(world, HOST);
});

afterEach(async () => {
  const { seen, count } = await visitors.leave();
  await world.stop();
  expect(count).toBeGreaterThan(0);
  expect(seen).toEqual(new Set(['200 alice']));
});

/** Come one after the other for as long as a test lasts. */
class SteadyVisitors {
  /** All that they ever got. */
  readonly seen = new Set<string>();
  count = 0;
  #left = false;
  readonly #all: Promise<void>;

  constructor(...at: [gateway: GatewayWorld, host: string]) {
    this.#all = this.#come(...at);
  }

  async leave(): Promise<this> {
    this.#left = true;
    await this.#all;
    return this;
  }

  async #come(...at: [gateway: GatewayWorld, host: string]): Promise<void> {
    do {
      this.seen.add((await visit(...at).catch(String)).toString().replace(',', ' '));
      this.count += 1;
    } while (!this.#left);
  }
}

/** What Bob signed for Alice, as she has it. */
async function signedForAlice() {
  const route = await world.store.get(owned);
  if (!route) throw new Error('the Route is gone');
  const { metadata, spec, apiVersion, kind } = route;
  const { name, namespace, uid } = metadata;
  const { generation } = spec.deployment;
  return { apiVersion, kind, metadata: { name, namespace, uid, generation }, spec };
}

async function withdrawGrant(name: string): Promise<void> {
  await world.store.patch({ kind: 'TrustedPeer', name }, { spec: { grants: { expose: null } } });
}

async function unchanged(): Promise<void> {
  expect(await world.until(owned, 'Ready')).toBe(HOST);
  expect((await world.store.get(owned))?.metadata.owner).toBe(alice.identity.peerID);
}

test('G4: a registration that is replayed by another provider is refused, under the same name or another', async () => {
  const stolen = await signedForAlice();
  await world.until(await mallory.ask(stolen), 'SignatureInvalid');
  const renamed = { ...stolen, metadata: { ...stolen.metadata, name: 'another' } };
  await world.until(await mallory.ask(renamed), 'SignatureInvalid');
  await unchanged();
});

test('G4: a registration that somebody else signed in the name of the owner is refused', async () => {
  const forged = routeOf(await signedDeployment(mallory.identity, mallory.identity, 'web'), world.identity);
  const { name } = owned;
  const inHisName = {
    ...forged,
    metadata: { ...forged.metadata, name },
    spec: { ...forged.spec, owner: bob.peerID },
  };
  await world.until(await mallory.ask(inHisName), 'SignatureInvalid');
  await unchanged();
});

test('G4: a registration that was changed after it was signed is refused', async () => {
  const signed = routeOf(await signedDeployment(bob, mallory.identity, 'blog'), world.identity);
  const changes = [
    { expose: { ...signed.spec.expose, host: SHOP } },
    { deployment: { ...signed.spec.deployment, name: 'web' } },
    { deployment: { ...signed.spec.deployment, generation: 2 } },
    { envelope: `A${signed.spec.envelope.slice(1)}` },
  ];
  for (const [index, change] of changes.entries()) {
    const name = `changed-${index}`;
    const changed = {
      ...signed,
      metadata: { ...signed.metadata, name },
      spec: { ...signed.spec, ...change },
    };
    await world.until(await mallory.ask(changed), 'SignatureInvalid');
  }
  await unchanged();
});

test("G4: another peer's Route can be neither seen nor withdrawn", async () => {
  const { namespace, name } = owned;
  const key = { kind: 'Route', namespace, name } as const;
  expect(await mallory.routes.get(key)).toBeUndefined();
  await expect(mallory.routes.delete(key)).resolves.toBeUndefined();
  await unchanged();
});

test('G4: a host that is reserved is refused to others who were granted it too, also while nobody serves it', async () => {
  world.hostProofs.give(SHOP, bob.peerID);
  const shop = await alice.expose(bob, 'shop', SHOP);
  await eventually(async () => expect((await world.store.get(shop))?.status?.host).toBe(SHOP));
  await world.store.delete(shop);
  const carol = generateIdentity();
  await world.trust('carol', carol, { grants: { expose: { hosts: [SHOP] } } });
  world.hostProofs.give(SHOP, carol.peerID);
  await world.until(await mallory.expose(carol, 'shop', SHOP), 'HostnameTaken');
  await unchanged();
});

test('G4: a host that only the DNS can give is not had by whoever comes first', async () => {
  const carol = generateIdentity();
  await world.trust('carol', carol, { grants: { expose: { hosts: [SHOP] } } });
  world.hostProofs.give(SHOP, bob.peerID);
  const thief = await mallory.expose(carol, 'shop', SHOP);
  await world.until(thief, 'HostNotProven');
  const shop = await alice.expose(bob, 'shop', SHOP);
  await eventually(async () => expect((await world.store.get(shop))?.status?.host).toBe(SHOP));
  expect((await world.store.get(thief))?.status?.host).toBeUndefined();
  await unchanged();
});

test('G4: a tunnel cannot be opened in the name of another peer', async () => {
  const mine = await mallory.identity.privateKey();
  const { publicKey } = await alice.identity.privateKey();
  const stolen = { ...mine, publicKey, sign: (data: Uint8Array) => mine.sign(data) } as typeof mine;
  const impostor: Identity = {
    ...mallory.identity,
    peerID: alice.identity.peerID,
    privateKey: async () => stolen,
  };
  const dialer = new TunnelDialer(
    { identity: impostor, clock },
    { onStream: (stream) => stream.refuse('NoRoute') },
  );
  const address = { host: '127.0.0.1', port: world.port, peerID: world.identity.peerID };
  const before = world.tunnels.get(alice.identity.peerID);
  await expect(dialer.dial(address, world.signal)).rejects.toMatchObject({
    details: { cause: 'NotTrustedByPeer' },
  });
  expect(world.tunnels.get(alice.identity.peerID)).toBe(before);
  await unchanged();
});

test('G4: who has no grant to expose gets neither a Route nor visitors, and who is unknown not even a tunnel', async () => {
  const eve = await newProvider(world, 'eve');
  await withdrawGrant('eve');
  const signed = routeOf(await signedDeployment(bob, eve.identity, 'web'), world.identity);
  await eventually(() => expect(eve.routes.apply(signed)).rejects.toMatchObject({ reason: 'Forbidden' }));
  await world.store.delete({ kind: 'TrustedPeer', name: 'eve' });
  await eventually(() => expect(world.router.tunnels(eve.identity.peerID)).toBe(0));
  const address = { host: '127.0.0.1', port: world.port, peerID: world.identity.peerID };
  const dialled = eve.dialer().dial(address, world.signal);
  await expect(dialled).rejects.toMatchObject({ details: { cause: 'NotTrustedByPeer' } });
  await unchanged();
});

test('G4: a provider that may no longer carry Routes has no visitors from then on, and the others keep theirs', async () => {
  const key = await mallory.expose(bob, 'blog');
  expect(await world.until(key, 'Ready')).toBe('blog-bob.example.com');
  expect(await visit(world, 'blog-bob.example.com')).toEqual([200, 'mallory']);
  await withdrawGrant('mallory');
  await world.until(key, 'NotGranted');
  expect((await visit(world, 'blog-bob.example.com'))[0]).toBe(404);
  await unchanged();
});
