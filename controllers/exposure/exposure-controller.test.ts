import { MemoryStore } from '../../agents/adapters/store/memory-store.ts';
import { type Condition, findCondition, setConditions } from '../../api/meta/condition.ts';
import { StatusError } from '../../api/meta/status-error.ts';
import type { Deployment, Route } from '../../api/v1alpha1/types.ts';
import { eventually } from '../../test/support/eventually.ts';
import { FakeClock } from '../../test/support/fake-clock.ts';
import { ALICE, BOB, deployment, trustedPeer } from '../../test/support/objects.ts';
import { silentLogger, silentMetrics } from '../../test/support/silent.ts';
import { Peer } from '../../test/support/sync-world.ts';
import { Informer } from '../core/informer.ts';
import { Manager } from '../core/manager.ts';
import type { Gateway } from '../ports/tunnels.ts';
import { exposureController } from './exposure-controller.ts';

const WEB = { kind: 'Deployment', owner: BOB, namespace: 'default', name: 'web' } as const;
const GATEWAY = ALICE;
const exposed = { expose: { port: 80 }, template: { spec: { containers: [container()] } } };

function container() {
  return { name: 'web', image: 'peercompute.local/web:1', ports: [{ containerPort: 80 }] };
}

describe('a provider with a gateway', () => {
  const clock = new FakeClock();
  let store: MemoryStore;
  let gateway: Peer;
  let kept: readonly Gateway[];
  let allowed: boolean;
  let end: AbortController;
  let ended: Promise<void>;

  beforeEach(async () => {
    store = new MemoryStore({ clock });
    gateway = new Peer({ clock });
    kept = [];
    allowed = true;
    await store.apply(trustedPeer('gw', GATEWAY, {}, { labels: { 'peercompute.dev/role': 'gateway' } }));
    const components = { store, clock, logger: silentLogger, metrics: silentMetrics };
    const deployments = new Informer(components, { kind: 'Deployment' });
    const trustedPeers = new Informer(components, { kind: 'TrustedPeer' });
    const controller = exposureController({
      ...components,
      deployments,
      trustedPeers,
      isAllowed: () => allowed,
      tunnels: {
        keep: (gateways) => {
          kept = gateways;
        },
      },
      peers: { store: () => gateway },
    });
    const manager = new Manager(
      { clock },
      { informers: [deployments, trustedPeers], controllers: [controller] },
    );
    end = new AbortController();
    ended = manager.start(end.signal);
  });

  afterEach(async () => {
    end.abort();
    await ended;
  });

  const until = (assertion: () => unknown) =>
    eventually(async () => {
      await clock.advance(1_000);
      await assertion();
    });
  const expose = (spec = {}) =>
    store.apply(deployment('web', { ...exposed, ...spec }, { owner: BOB, signature: 'AAAA' }));
  const web = async () => (await store.get(WEB)) as Deployment;
  const route = async () => (await gateway.list('Route')).items[0];
  const condition = async () => findCondition((await web()).status?.conditions, 'Exposed');
  const answer = async (ready: Pick<Condition, 'status' | 'reason' | 'message'>) => {
    const { metadata } = (await route()) as Route;
    const { namespace, name, generation } = metadata;
    const conditions = setConditions([], [{ type: 'Ready', ...ready }], new Date(0));
    const status = { observedGeneration: generation, conditions, url: 'https://web-bob.example.com' };
    await gateway.patchStatus(
      { kind: 'Route', namespace, name },
      { ...JSON.parse(JSON.stringify(status)), tunnel: { port: 8443, workers: 2 } },
    );
  };
  const ready = { status: 'True', reason: 'Ready', message: 'it answers' } as const;

  it('asks the gateway for a Route, dials it, and passes on the address', async () => {
    await expose();
    await until(async () => expect((await route())?.spec).toMatchObject({ owner: BOB, envelope: 'AAAA' }));
    expect(await condition()).toMatchObject({ status: 'False', reason: 'Queued' });
    await answer(ready);
    await until(async () =>
      expect(await condition()).toMatchObject({ status: 'True', message: 'gw: it answers' }),
    );
    expect((await web()).status?.url).toBe('https://web-bob.example.com');
    expect(kept).toEqual([{ peerID: GATEWAY, port: 8443, workers: 2 }]);
    const before = [gateway.writes.length, (await store.list('Deployment')).resourceVersion];
    await clock.advance(1_200_000);
    await clock.settle();
    expect([gateway.writes.length, (await store.list('Deployment')).resourceVersion]).toEqual(before);
  });

  it.each<[string, () => Promise<unknown>]>([
    ['it is exposed no more', () => store.patch(WEB, { spec: { expose: null } })],
    ['it is deleted', () => store.delete(WEB)],
    [
      'its owner may not run it here any more',
      async () => {
        allowed = false;
        await store.patch(WEB, { metadata: { labels: { look: 'again' } } });
      },
    ],
  ])('withdraws the Route when %s', async (_, change) => {
    await expose();
    await until(async () => expect(await route()).toBeDefined());
    await answer(ready);
    await change();
    await until(async () => expect(await route()).toBeUndefined());
    expect((await web())?.status?.url).toBeUndefined();
  });

  it('withdraws what nobody asks for any more when the gateway comes back', async () => {
    await expose();
    await until(async () => expect(await route()).toBeDefined());
    gateway.goAway();
    await store.delete(WEB);
    await clock.advance(60_000);
    gateway.comeBack();
    await until(async () => expect(await route()).toBeUndefined());
  });

  it('asks again to withdraw what it could not, though it hears nothing of the gateway', async () => {
    await expose();
    await until(async () => expect(await route()).toBeDefined());
    gateway.refusal = new StatusError('Timeout', 'no answer in time');
    await store.delete(WEB);
    await clock.settle();
    gateway.refusal = undefined;
    const begun = clock.now();
    await until(async () => expect(await route()).toBeUndefined());
    expect(clock.now() - begun).toBeLessThan(120_000);
  });

  it('says that the gateway does not answer, and asks again when it does', async () => {
    gateway.goAway();
    await expose();
    await until(async () => expect(await condition()).toMatchObject({ reason: 'GatewayUnreachable' }));
    gateway.comeBack();
    await until(async () => expect(await route()).toBeDefined());
  });

  it('says of which spec it speaks, so that nobody takes an old address for a new one', async () => {
    await expose();
    await until(async () => expect(await route()).toBeDefined());
    await answer(ready);
    await until(async () => expect(await condition()).toMatchObject({ status: 'True' }));
    const { generation } = (await store.patch(WEB, { spec: { replicas: 2 } })).metadata;
    await until(async () =>
      expect(await condition()).toMatchObject({ reason: 'Queued', observedGeneration: generation }),
    );
  });

  it('passes on what the gateway refuses', async () => {
    gateway.refusal = new StatusError('Forbidden', 'you have no "expose" grant here', {
      cause: 'NotGranted',
    });
    await expose();
    await until(async () => expect(await condition()).toMatchObject({ reason: 'NotGranted' }));
  });

  it('says that there is no gateway of that name', async () => {
    await expose({ expose: { port: 80, gateway: 'other' } });
    await until(async () => expect(await condition()).toMatchObject({ reason: 'NoGateway' }));
    expect(await route()).toBeUndefined();
  });

  it('lets go of a gateway that is none any more', async () => {
    await expose();
    await until(async () => expect(await route()).toBeDefined());
    await answer(ready);
    await until(() => expect(kept).toHaveLength(1));
    await store.delete({ kind: 'TrustedPeer', name: 'gw' });
    await until(async () => expect(await condition()).toMatchObject({ reason: 'NoGateway' }));
    expect(kept).toEqual([]);
  });
});
