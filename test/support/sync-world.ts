import { MemoryStore } from '../../agents/adapters/store/memory-store.ts';
import type { Kind } from '../../api/kinds.ts';
import { setConditions } from '../../api/meta/condition.ts';
import type { MergePatch } from '../../api/meta/merge-patch.ts';
import type { ObjectKey } from '../../api/meta/object.ts';
import { StatusError } from '../../api/meta/status-error.ts';
import type { Deployment, ObjectOf } from '../../api/v1alpha1/types.ts';
import { Informer } from '../../controllers/core/informer.ts';
import { Manager } from '../../controllers/core/manager.ts';
import type {
  Applicable,
  DeleteOptions,
  PatchOptions,
  WatchOptions,
  WriteOptions,
} from '../../controllers/ports/store.ts';
import { syncControllers } from '../../controllers/sync/controllers.ts';
import { eventually } from './eventually.ts';
import { FakeClock } from './fake-clock.ts';
import { ALICE, BOB, deployment, trustedPeer } from './objects.ts';
import { silentLogger, silentMetrics } from './silent.ts';

export const WEB = { kind: 'Deployment', namespace: 'default', name: 'web' } as const;

/** A peer whose Store can be cut off, and which notes what is written to it. */
export class Peer extends MemoryStore {
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

export interface World {
  store: MemoryStore;
  alice: Peer;
  bob: Peer;
  clock: FakeClock;
  manager: Manager;
  /** Turns the clock until the condition holds. */
  until(assertion: () => unknown): Promise<void>;
  web(): Promise<Deployment>;
}

/** What runs, and ends with {@link endWorlds}. */
const running: { end: AbortController; ended: Promise<void> }[] = [];

/** Ends every world; a test does so after itself. */
export async function endWorlds(): Promise<void> {
  for (const { end } of running) end.abort();
  await Promise.all(running.splice(0).map(({ ended }) => ended));
}

/** A developer's state directory with the Deployment web, two peers, and the controllers between them at work. */
export async function startWorld(
  spec: MergePatch,
  { aliceAwaySince }: { aliceAwaySince?: string } = {},
): Promise<World> {
  const clock = new FakeClock();
  const store = new MemoryStore({ clock });
  const [alice, bob] = [new Peer({ clock }), new Peer({ clock })];
  await store.apply(trustedPeer('alice', ALICE));
  if (aliceAwaySince !== undefined) {
    alice.goAway();
    await store.patchStatus({ kind: 'TrustedPeer', name: 'alice' }, { lastSeen: aliceAwaySince });
  }
  await store.apply(trustedPeer('bob', BOB));
  await store.apply(deployment('web', spec));
  const components = { store, clock, logger: silentLogger, metrics: silentMetrics };
  const deployments = new Informer(components, { kind: 'Deployment' });
  const trustedPeers = new Informer(components, { kind: 'TrustedPeer' });
  const peers = { store: (peerID: string) => (peerID === ALICE ? alice : bob) };
  const controllers = syncControllers({ ...components, peers, deployments, trustedPeers });
  const manager = new Manager({ clock }, { informers: [deployments, trustedPeers], controllers });
  const end = new AbortController();
  running.push({ end, ended: manager.start(end.signal) });
  const until = (assertion: () => unknown) =>
    eventually(async () => {
      await clock.advance(1_000);
      await assertion();
    });
  return { store, alice, bob, clock, manager, until, web: async () => (await store.get(WEB))! };
}

/** Bar L1, which every reconciler meets: what has settled is left alone. */
export async function expectSettled({ store, alice, bob, clock, until, web }: World): Promise<void> {
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
