import { MemoryStore } from '../../agents/adapters/store/memory-store.ts';
import type { Kind } from '../../api/kinds.ts';
import { findCondition, setConditions } from '../../api/meta/condition.ts';
import type { MergePatch } from '../../api/meta/merge-patch.ts';
import type { ObjectKey } from '../../api/meta/object.ts';
import { StatusError } from '../../api/meta/status-error.ts';
import type { Deployment, ObjectOf } from '../../api/v1alpha1/types.ts';
import { eventually } from '../../test/support/eventually.ts';
import { FakeClock } from '../../test/support/fake-clock.ts';
import { ALICE, BOB, deployment, trustedPeer } from '../../test/support/objects.ts';
import { silentLogger, silentMetrics } from '../../test/support/silent.ts';
import { Informer } from '../core/informer.ts';
import { Manager } from '../core/manager.ts';
import type { Applicable, DeleteOptions, PatchOptions, WatchOptions, WriteOptions } from '../ports/store.ts';
import { syncControllers } from './controllers.ts';

const WEB = { kind: 'Deployment', namespace: 'default', name: 'web' } as const;

/** A peer whose Store can be cut off, and which notes what is written to it. */
class Peer extends MemoryStore {
  readonly writes: string[] = [];
  refusal: StatusError | undefined;
  #cut = new AbortController();
  #away = false;

  goAway(): void {
    this.#away = true;
    this.#cut.abort();
  }

  comeBack(): void {
    this.#away = false;
    this.#cut = new AbortController();
  }

  #check(): void {
    if (this.#away)
      throw new StatusError('ServiceUnavailable', 'no address answered', { cause: 'PeerUnreachable' });
    if (this.refusal) throw this.refusal;
  }

  override async list<K extends Kind>(kind: K) {
    if (this.#away) this.#check();
    return super.list(kind);
  }

  override async *watch<K extends Kind>(kind: K, options: WatchOptions) {
    if (this.#away) this.#check();
    const signal = AbortSignal.any([options.signal, this.#cut.signal]);
    yield* super.watch(kind, { ...options, signal });
    if (this.#away) this.#check();
  }

  override async apply<K extends Kind>(object: Applicable<K>, options?: WriteOptions) {
    this.#check();
    this.writes.push('apply');
    return super.apply(object, options);
  }

  override async patch<K extends Kind>(
    key: ObjectKey<K>,
    patch: MergePatch,
    options?: PatchOptions,
  ): Promise<ObjectOf<K>> {
    this.#check();
    this.writes.push(`patch ${JSON.stringify(patch)}`);
    return super.patch(key, patch, options);
  }

  override async delete<K extends Kind>(key: ObjectKey<K>, options?: DeleteOptions) {
    this.#check();
    this.writes.push('delete');
    return super.delete(key, options);
  }

  /** Says of its copy that all of it is ready. */
  async report(): Promise<void> {
    const copy = (await this.get(WEB))!;
    const { replicas } = copy.spec;
    const ready = ['Admitted', 'Available', 'Progressing', 'Ready'].map((type) => {
      const reason = type === 'Progressing' ? 'UpdateComplete' : 'Accepted';
      return { type, status: 'True' as const, reason, message: 'fine' };
    });
    const conditions = setConditions([], ready, new Date(0));
    const counts = {
      replicas,
      updatedReplicas: replicas,
      readyReplicas: replicas,
      availableReplicas: replicas,
    };
    await this.patchStatus(
      WEB,
      JSON.parse(JSON.stringify({ observedGeneration: copy.metadata.generation, ...counts, conditions })),
    );
  }
}

interface World {
  store: MemoryStore;
  alice: Peer;
  bob: Peer;
  clock: FakeClock;
  manager: Manager;
  /** Turns the clock until the condition holds. */
  until(assertion: () => unknown): Promise<void>;
  web(): Promise<Deployment>;
}

let ended: Promise<void>[] = [];

afterEach(async () => {
  worlds.forEach((end) => {
    end.abort();
  });
  await Promise.all(ended);
  ended = [];
  worlds = [];
});

let worlds: AbortController[] = [];

async function world(spec: MergePatch): Promise<World> {
  const clock = new FakeClock();
  const store = new MemoryStore({ clock });
  const [alice, bob] = [new Peer({ clock }), new Peer({ clock })];
  await store.apply(trustedPeer('alice', ALICE));
  await store.apply(trustedPeer('bob', BOB));
  await store.apply(deployment('web', spec));
  const components = { store, clock, logger: silentLogger, metrics: silentMetrics };
  const deployments = new Informer(components, { kind: 'Deployment' });
  const trustedPeers = new Informer(components, { kind: 'TrustedPeer' });
  const peers = { store: (peerID: string) => (peerID === ALICE ? alice : bob) };
  const controllers = syncControllers({ ...components, peers, deployments, trustedPeers });
  const manager = new Manager({ clock }, { informers: [deployments, trustedPeers], controllers });
  const end = new AbortController();
  worlds.push(end);
  ended.push(manager.start(end.signal));
  const until = (assertion: () => unknown) =>
    eventually(async () => {
      await clock.advance(1_000);
      await assertion();
    });
  return { store, alice, bob, clock, manager, until, web: async () => (await store.get(WEB))! };
}

const both = { replicas: 4, placement: { peers: ['alice', 'bob'] } };

/** The bar every reconciler meets: what has settled is left alone. */
async function expectSettled({ store, alice, bob, clock, until, web }: World): Promise<void> {
  await until(async () =>
    expect((await web()).status?.observedGeneration).toBe((await web()).metadata.generation),
  );
  const before = [(await store.list('Deployment')).resourceVersion, alice.writes.length, bob.writes.length];
  await clock.advance(1_200_000);
  await clock.settle();
  expect([(await store.list('Deployment')).resourceVersion, alice.writes.length, bob.writes.length]).toEqual(
    before,
  );
}

describe('sync', () => {
  it('gives every peer its share and brings their status back', async () => {
    const it = await world(both);
    await it.until(async () => {
      await it.alice.report();
      await it.bob.report();
      const { status } = await it.web();
      expect(status).toMatchObject({ readyReplicas: 4, observedGeneration: 1 });
      expect(findCondition(status?.conditions, 'Ready')?.status).toBe('True');
    });
    expect((await it.alice.get(WEB))?.spec).toMatchObject({ replicas: 2, placement: { peers: ['alice'] } });
    expect((await it.alice.get(WEB))?.metadata.uid).toBe((await it.web()).metadata.uid);
    expect(it.alice.writes).toEqual(['apply']);
    await expectSettled(it);
  });

  it('sends a change as the smallest diff', async () => {
    const it = await world({});
    await it.until(async () => expect(it.alice.writes).toEqual(['apply']));
    await it.store.patch(WEB, { spec: { replicas: 3 } });
    await it.until(async () => expect(it.alice.writes).toEqual(['apply', 'patch {"spec":{"replicas":3}}']));
    await expectSettled(it);
  });

  it('sends the whole spec when the peer holds another than the diff is for', async () => {
    const it = await world({});
    await it.until(async () => expect(it.alice.writes).toHaveLength(1));
    await MemoryStore.prototype.patch.call(it.alice, WEB, { spec: { minReadySeconds: 7 } });
    await it.until(async () => expect((await it.alice.get(WEB))?.spec.minReadySeconds).toBe(0));
    await expectSettled(it);
  });

  it('keeps a spec for a peer that is away, says so, and delivers it when the peer returns', async () => {
    const it = await world(both);
    await it.until(async () => {
      await it.alice.report();
      await it.bob.report();
    });
    it.bob.goAway();
    await it.until(async () => {
      const { status } = await it.web();
      expect(findCondition(status?.conditions, 'Ready')).toMatchObject({
        status: 'Unknown',
        reason: 'PeerUnreachable',
      });
      expect(status?.readyReplicas).toBe(2);
    });
    await it.store.patch(WEB, { spec: { replicas: 6 } });
    await it.until(async () => {
      expect(findCondition((await it.web()).status?.conditions, 'Synced')).toMatchObject({
        status: 'False',
        reason: 'PeerUnreachable',
        message: expect.stringContaining('queued for bob'),
      });
      expect((await it.alice.get(WEB))?.spec.replicas).toBe(3);
    });
    expect((await it.bob.get(WEB))?.spec.replicas).toBe(2);
    it.bob.comeBack();
    await it.until(async () => expect((await it.bob.get(WEB))?.spec.replicas).toBe(3));
    await expectSettled(it);
  });

  it('says why a peer refuses, asks again later, and succeeds once it is allowed', async () => {
    const it = await world({});
    it.alice.refusal = new StatusError('Forbidden', 'cpu: 5 would be in use of 4', {
      cause: 'QuotaExceeded',
    });
    await it.store.patch(WEB, { spec: { replicas: 2 } });
    await it.until(async () =>
      expect(findCondition((await it.web()).status?.conditions, 'Admitted')).toMatchObject({
        status: 'False',
        reason: 'QuotaExceeded',
      }),
    );
    it.alice.refusal = undefined;
    await it.until(async () => expect((await it.alice.get(WEB))?.spec.replicas).toBe(2));
  });

  it('names a TrustedPeer that does not exist, and goes on when it is added', async () => {
    const it = await world({ placement: { peers: ['carol'] } });
    await it.until(async () =>
      expect(findCondition((await it.web()).status?.conditions, 'Ready')).toMatchObject({
        reason: 'PeerNotTrusted',
        message: expect.stringContaining('peerctl peers add'),
      }),
    );
    await it.store.apply(trustedPeer('carol', ALICE));
    await it.until(async () => expect(await it.alice.get(WEB)).toBeDefined());
  });

  it('takes the copy away from a peer that is no longer named', async () => {
    const it = await world(both);
    await it.until(async () => expect((await it.web()).status?.peers).toHaveLength(2));
    await it.until(async () => expect(await it.bob.get(WEB)).toBeDefined());
    await it.store.patch(WEB, { spec: { placement: { peers: ['alice'] } } });
    await it.until(async () => {
      expect(await it.bob.get(WEB)).toBeUndefined();
      expect((await it.web()).status?.peers?.map(({ name }) => name)).toEqual(['alice']);
    });
    expect((await it.alice.get(WEB))?.spec.replicas).toBe(4);
    await expectSettled(it);
  });

  it('lets a deleted object go only when every peer has removed its copy', async () => {
    const it = await world(both);
    await it.until(async () => expect(await it.bob.get(WEB)).toBeDefined());
    await MemoryStore.prototype.patch.call(it.bob, WEB, {
      metadata: { finalizers: ['peercompute.dev/containers'] },
    });
    await it.store.delete(WEB);
    await it.until(async () => expect(await it.alice.get(WEB)).toBeUndefined());
    expect(findCondition((await it.web()).status?.conditions, 'Ready')).toMatchObject({
      reason: 'Terminating',
    });
    await MemoryStore.prototype.patch.call(it.bob, WEB, { metadata: { finalizers: [] } });
    await it.until(async () => expect(await it.store.get(WEB)).toBeUndefined());
  });

  it('replaces the copy of an earlier object of the same name', async () => {
    const it = await world({});
    await it.until(async () => expect(it.alice.writes).toEqual(['apply']));
    await it.store.patch(WEB, { metadata: { finalizers: [] } });
    await it.store.delete(WEB);
    await it.store.apply(deployment('web', { replicas: 2 }));
    await it.until(async () =>
      expect((await it.alice.get(WEB))?.metadata.uid).toBe((await it.web()).metadata.uid),
    );
    expect((await it.alice.get(WEB))?.spec.replicas).toBe(2);
    await expectSettled(it);
  });
});
