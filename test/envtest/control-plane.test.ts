import { eventually } from '../support/eventually.ts';
import { apply, ControlPlane, deploymentThat, introduce, isReady, reasonOf } from './world.ts';

let plane: ControlPlane;

beforeEach(() => {
  plane = new ControlPlane();
});

afterEach(() => plane.stop());

const WEB = { kind: 'Deployment', namespace: 'default', name: 'web' } as const;

/** What runs there, by Deployment and ordinal. */
function running(provider: {
  runtime: { containers: { deployment: string; ordinal: number; state: string; owner: string }[] };
}): string[] {
  const alive = provider.runtime.containers.filter(({ state }) => state === 'Running');
  return alive.map(({ deployment, ordinal }) => `${deployment}-${ordinal}`).sort();
}

describe('the control plane', () => {
  it('runs on a trusted peer what a developer applies, and changes and removes it', async () => {
    const [alice, dev] = [await plane.provider(), await plane.developer()];
    await introduce(dev, alice, 'alice');
    await apply(dev, 'web', { replicas: 2 });
    const web = await deploymentThat(dev, 'web', isReady);
    expect(web.status).toMatchObject({
      readyReplicas: 2,
      containers: [
        { peer: 'alice', name: 'web-0' },
        { peer: 'alice', name: 'web-1' },
      ],
    });
    expect(running(alice)).toEqual(['web-0', 'web-1']);
    await eventually(async () => {
      const { items } = await dev.store.list('Event');
      expect(items.map(({ spec }) => [spec.peer, spec.regarding.uid, spec.reason])).toContainEqual([
        'alice',
        web.metadata.uid,
        'Started',
      ]);
    });

    await dev.store.patch(WEB, { spec: { replicas: 3 } });
    await deploymentThat(dev, 'web', (found) => isReady(found) && found.status?.readyReplicas === 3);
    await dev.store.patch(WEB, { spec: { state: 'Stopped' } });
    await deploymentThat(dev, 'web', (found) => reasonOf(found, 'Ready') === 'Stopped');
    expect(running(alice)).toEqual([]);
    await dev.store.patch(WEB, { spec: { state: 'Running' } });
    await deploymentThat(dev, 'web', isReady);

    await dev.store.delete(WEB);
    await eventually(async () => expect(await dev.store.get(WEB)).toBeUndefined());
    expect(alice.runtime.containers).toEqual([]);
  });

  it('keeps two developers on one machine apart', async () => {
    const [alice, ann, ben] = [await plane.provider(), await plane.developer(), await plane.developer()];
    await Promise.all([introduce(ann, alice, 'alice'), introduce(ben, alice, 'alice')]);
    await Promise.all([apply(ann, 'web'), apply(ben, 'web', { replicas: 2 })]);
    await Promise.all([ann, ben].map((dev) => deploymentThat(dev, 'web', isReady)));
    expect((await ann.store.get(WEB))?.status?.containers).toHaveLength(1);
    expect((await ben.store.get(WEB))?.status?.containers).toHaveLength(2);
    await ann.store.delete(WEB);
    await eventually(async () => expect(await ann.store.get(WEB)).toBeUndefined());
    expect(new Set(alice.runtime.containers.map(({ owner }) => owner))).toEqual(
      new Set([ben.identity.peerID]),
    );
    expect(isReady((await ben.store.get(WEB))!)).toBe(true);
  });

  it('spreads replicas over two peers, tells when one goes offline, and delivers what waited for it', async () => {
    const [alice, bob, dev] = [await plane.provider(), await plane.provider(), await plane.developer()];
    await Promise.all([introduce(dev, alice, 'alice'), introduce(dev, bob, 'bob')]);
    await apply(dev, 'web', { replicas: 4, placement: { peers: ['alice', 'bob'] } });
    await deploymentThat(dev, 'web', (found) => isReady(found) && found.status?.readyReplicas === 4);
    expect([running(alice), running(bob)]).toEqual([
      ['web-0', 'web-1'],
      ['web-0', 'web-1'],
    ]);

    plane.network.cut(dev.identity.peerID, bob.identity.peerID);
    await deploymentThat(dev, 'web', (found) => reasonOf(found, 'Ready') === 'PeerUnreachable');
    await dev.store.patch(WEB, { spec: { replicas: 6 } });
    await deploymentThat(
      dev,
      'web',
      (found) => reasonOf(found, 'Synced') === 'PeerUnreachable' && found.status?.readyReplicas === 3,
    );
    expect(running(bob)).toHaveLength(2);

    plane.network.heal(dev.identity.peerID, bob.identity.peerID);
    await deploymentThat(dev, 'web', (found) => isReady(found) && found.status?.readyReplicas === 6);
    expect(running(bob)).toHaveLength(3);
  });

  it('tells the developer why a peer refuses', async () => {
    const [alice, dev] = [await plane.provider(), await plane.developer()];
    await introduce(dev, alice, 'alice', { deploy: { maxReplicas: 1 } });
    await apply(dev, 'web', { replicas: 2 });
    const web = await deploymentThat(dev, 'web', (found) => reasonOf(found, 'Admitted') === 'QuotaExceeded');
    expect(web.status?.conditions?.find(({ type }) => type === 'Admitted')?.message).toContain(
      'replicas: 2 would be in use of 1',
    );
    expect(alice.runtime.containers).toEqual([]);
  });

  it("stops a peer's containers when it is no longer trusted, and runs them again when it is", async () => {
    const [alice, dev] = [await plane.provider(), await plane.developer()];
    await introduce(dev, alice, 'alice');
    await apply(dev, 'web');
    await deploymentThat(dev, 'web', isReady);
    const { items } = await alice.store.list('TrustedPeer');
    const { apiVersion, kind, metadata, spec } = items[0]!;
    await alice.store.delete({ kind, name: metadata.name });
    await eventually(() => expect(running(alice)).toEqual([]));
    await deploymentThat(dev, 'web', (found) => !isReady(found));
    await alice.store.apply({ apiVersion, kind, metadata: { name: metadata.name }, spec });
    await eventually(() => expect(running(alice)).toEqual(['web-0']));
  });

  it('goes on where it was after either side was restarted', async () => {
    let [alice, dev] = [await plane.provider(), await plane.developer()];
    await introduce(dev, alice, 'alice');
    await apply(dev, 'web', { replicas: 2 });
    await deploymentThat(dev, 'web', isReady);
    const before = alice.runtime.containers.map(({ name }) => name).sort();
    await Promise.all([alice.stop(), dev.stop()]);
    [alice, dev] = [await plane.provider(alice), await plane.developer(dev)];
    await dev.store.patch(WEB, { spec: { replicas: 3 } });
    await deploymentThat(dev, 'web', (found) => isReady(found) && found.status?.readyReplicas === 3);
    expect(alice.runtime.containers.map(({ name }) => name)).toEqual(expect.arrayContaining(before));
  });

  it("does not run a spec that was edited on the provider's side", async () => {
    const [alice, dev] = [await plane.provider(), await plane.developer()];
    await introduce(dev, alice, 'alice');
    await apply(dev, 'web');
    await deploymentThat(dev, 'web', isReady);
    await dev.stop();
    await alice.store.patch({ ...WEB, owner: dev.identity.peerID }, { spec: { replicas: 5 } });
    await eventually(async () => {
      const copy = await alice.store.get({ ...WEB, owner: dev.identity.peerID });
      expect(reasonOf(copy!, 'Admitted')).toBe('SignatureInvalid');
    });
    expect(running(alice)).toEqual(['web-0']);
  });
});
