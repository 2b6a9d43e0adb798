import { MemoryStore } from '../../agents/adapters/store/memory-store.ts';
import { loadValidation } from '../../agents/adapters/store/validation.ts';
import type { MergePatch } from '../../api/meta/merge-patch.ts';
import type { ObjectKey, ObjectMeta } from '../../api/meta/object.ts';
import type { Deployment } from '../../api/v1alpha1/types.ts';
import type { Controller } from '../../controllers/core/controller.ts';
import { EventRecorder } from '../../controllers/core/event-recorder.ts';
import { Informer } from '../../controllers/core/informer.ts';
import { Manager } from '../../controllers/core/manager.ts';
import type { Authorize } from '../../controllers/deployment/admission.ts';
import { deploymentController } from '../../controllers/deployment/controller.ts';
import type { Store } from '../../controllers/ports/store.ts';
import type { Verifier } from '../../controllers/ports/verifier.ts';
import { FakeRuntime, type FakeRuntimeInit } from '../fakes/fake-runtime.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { FakeLogger } from '../support/fake-logger.ts';
import { deployment } from '../support/objects.ts';
import { silentMetrics as metrics } from '../support/silent.ts';

export const IMAGE = 'peercompute.local/web:1';

type Template = Record<string, MergePatch>;

/** The template of `web` with these members of its container. */
export function template(container: Template, annotations: Template = {}): Template {
  const containers = [{ name: 'web', image: IMAGE, ...container }];
  return { template: { metadata: { annotations }, spec: { containers } } };
}

/** As `peerctl restart` does. */
export function restarted(at: string): Template {
  return template({}, { 'peercompute.dev/restartedAt': at });
}

const WRITES = ['apply', 'patch', 'patchStatus', 'delete'];

/** A provider on a clock that stands still: Store and runtime outlive the agent, as a disk and an engine do. */
export class World {
  readonly clock = new FakeClock();
  readonly logger = new FakeLogger();
  readonly runtime: FakeRuntime;
  /** As the agent sees it: its writes are counted. */
  readonly store: Store;
  /** How often the agent wrote to its Store, Events aside. */
  writes = 0;
  authorize: Authorize = () => ({ allowed: true });
  verifier: Verifier = { verify: async () => undefined };
  /** The Store itself, for what others write. */
  readonly #disk: MemoryStore;
  #agent: { controller: Controller<'Deployment'>; end: AbortController; ended: Promise<void> } | undefined;

  constructor(init: FakeRuntimeInit = {}) {
    this.runtime = new FakeRuntime(this, init);
    this.runtime.images.load(IMAGE);
    this.#disk = new MemoryStore(this);
    this.store = this.#counted(this.#disk);
  }

  static async begin(init?: FakeRuntimeInit): Promise<World> {
    const world = new World(init);
    await world.start();
    return world;
  }

  /** Bar L1: what has settled is left alone by a second pass, and what was started is ended. */
  async end(): Promise<void> {
    expect(await this.secondPass()).toEqual({ runtime: 0, store: 0 });
    await this.stop();
    expect(this.clock.pending).toBe(0);
  }

  /** Starts the agent. */
  async start(): Promise<void> {
    await loadValidation(); // It is loaded when first used, and that takes real time.
    const { clock, logger, store, runtime } = this;
    const components = { clock, logger, metrics, store, runtime };
    const deployments = new Informer(components, { kind: 'Deployment', random: () => 0.5 });
    const recorder = new EventRecorder(components);
    const { controller, runnables } = deploymentController({
      ...components,
      deployments,
      verifier: { verify: (object) => this.verifier.verify(object) },
      authorize: (object) => this.authorize(object),
      recorder: recorder.for('deployment'),
    });
    const manager = new Manager(components, {
      informers: [deployments],
      controllers: [controller],
      runnables: [recorder, ...runnables],
    });
    const end = new AbortController();
    this.#agent = { controller, end, ended: manager.start(end.signal) };
    await clock.settle();
  }

  /** Ends the agent as it is, in the middle of whatever it does. */
  async crash(): Promise<void> {
    this.#agent?.end.abort();
    await this.clock.settle();
  }

  /** Ends the agent and waits until nothing of it is left. */
  async stop(): Promise<void> {
    this.#agent?.end.abort();
    const ended = this.#agent?.ended;
    for (let i = 0; i < 20; i++) await this.clock.advance(1_000);
    await ended;
  }

  async apply(name: string, spec: MergePatch = {}, metadata: Partial<ObjectMeta> = {}): Promise<Deployment> {
    const object = deployment(name, spec, metadata);
    const { owner, uid, namespace } = object.metadata;
    const before = await this.get(name, owner);
    const applied = await this.#disk.apply({
      ...object,
      metadata: { name, namespace, owner, uid: before?.metadata.uid ?? uid },
    });
    await this.clock.settle();
    return applied.object;
  }

  async delete(name: string, gracePeriodSeconds?: number, owner?: string): Promise<void> {
    await this.#disk.delete(keyTo(name, owner), { gracePeriodSeconds });
    await this.clock.settle();
  }

  /** Takes the object away while nobody looks. */
  async forget(name: string): Promise<void> {
    await this.#disk.patch(keyTo(name), { metadata: { finalizers: [] } });
    await this.#disk.delete(keyTo(name));
  }

  async get(name: string, owner?: string): Promise<Deployment | undefined> {
    return this.#disk.get(keyTo(name, owner));
  }

  /** `Ready` or why it is not. */
  async ready(name: string): Promise<string | undefined> {
    return this.reason(name, 'Ready');
  }

  /** Whether the latest spec has come to this. */
  is(reason: string, name = 'web'): () => Promise<boolean> {
    return async () => {
      const { metadata, status } = (await this.get(name)) ?? {};
      const isObserved = status?.observedGeneration === metadata?.generation;
      return isObserved && (await this.ready(name)) === reason;
    };
  }

  async reason(name: string, type: string): Promise<string | undefined> {
    const object = await this.get(name);
    return object?.status?.conditions?.find((condition) => condition.type === type)?.reason;
  }

  /** `Started web-0` and so on, the latest last. */
  async events(): Promise<string[]> {
    const { items } = await this.#disk.list('Event');
    return items.map(({ spec }) => `${spec.reason} ${spec.note}`);
  }

  /** Lets time pass until `isSo`, at most so long; fails when it never is. */
  async until(isSo: () => unknown, withinMs = 60_000): Promise<void> {
    const end = this.clock.now() + withinMs;
    await this.clock.settle();
    while (!(await isSo())) {
      const next = Math.min(this.clock.next ?? end, end);
      if (this.clock.now() >= end)
        throw new Error(`not within ${withinMs} ms: ${isSo}\n${await this.describe()}`);
      await this.clock.advance(next - this.clock.now());
    }
  }

  /** What runs, with its template's first letters, as `web-0/1` for ordinal 0 and attempt 1. */
  get alive(): string[] {
    const alive = this.runtime.containers.filter(({ state }) => state === 'Running');
    return alive.map(({ deployment: name, ordinal, attempt }) => `${name}-${ordinal}/${attempt}`).sort();
  }

  /** Looks at everything again, twice, and answers how many writes that came to: to the runtime and to the Store. */
  async secondPass(): Promise<{ runtime: number; store: number }> {
    const before = { runtime: this.runtime.writes, store: this.writes };
    for (let pass = 0; pass < 2; pass++) {
      const { items } = await this.#disk.list('Deployment');
      for (const { metadata } of items) this.#agent?.controller.enqueue(keyTo(metadata.name, metadata.owner));
      await this.clock.advance(10);
    }
    return { runtime: this.runtime.writes - before.runtime, store: this.writes - before.store };
  }

  /** How many reconciles there were. */
  get runs(): number {
    return this.#agent?.controller.runs ?? 0;
  }

  async describe(): Promise<string> {
    const { items } = await this.#disk.list('Deployment');
    const statuses = items.map(({ metadata, status }) => ({
      name: metadata.name,
      conditions: status?.conditions,
    }));
    const containers = this.runtime.containers.map(({ name, state }) => `${name} ${state}`);
    return JSON.stringify({ containers, statuses }, undefined, 1);
  }

  #counted(store: MemoryStore): Store {
    return new Proxy(store, {
      get: (target, name) => {
        const method: (...args: { kind?: string }[]) => unknown = Reflect.get(target, name).bind(target);
        if (!WRITES.includes(String(name))) return method;
        return (...args: { kind?: string }[]) => {
          if (args[0]?.kind !== 'Event') this.writes += 1;
          return method(...args);
        };
      },
    });
  }
}

function keyTo(name: string, owner?: string): ObjectKey<'Deployment'> {
  return { kind: 'Deployment', namespace: 'default', name, owner };
}
