import { MemoryStore } from '../../agents/adapters/store/memory-store.ts';
import { PrometheusMetrics } from '../../agents/adapters/system/metrics.ts';
import type { Kind } from '../../api/kinds.ts';
import type { ObjectKey } from '../../api/meta/object.ts';
import { FakeClock } from '../../test/support/fake-clock.ts';
import { FakeLogger } from '../../test/support/fake-logger.ts';
import { deployment } from '../../test/support/objects.ts';
import type { Store, WatchOptions } from '../ports/store.ts';
import { sleep } from './abort.ts';
import { Controller, type Reconciler } from './controller.ts';
import { Informer } from './informer.ts';
import { Manager, type Runnable } from './manager.ts';
import { objectSource } from './source.ts';

/** A manager with one informer and one controller over it. */
function setup(
  reconcile: Reconciler<'Deployment'>['reconcile'] = async () => ({}),
  { list, delayMs = 0, runnables }: { list?: Store['list']; delayMs?: number; runnables?: Runnable[] } = {},
) {
  const clock = new FakeClock();
  const components = { clock, logger: new FakeLogger(), metrics: new PrometheusMetrics() };
  const store = new MemoryStore({ clock });
  const watch = async function* <K extends Kind>(kind: K, options: WatchOptions) {
    for await (const event of store.watch(kind, options)) {
      if (delayMs > 0) await sleep(clock, delayMs, options.signal);
      yield event;
    }
  };
  const source = { list: list ?? store.list.bind(store), watch };
  const informer = new Informer({ ...components, store: source }, { kind: 'Deployment' });
  const controller = new Controller(components, {
    name: 'deployment',
    sources: [objectSource(informer)],
    reconciler: { reconcile },
  });
  const manager = new Manager({ clock }, { informers: [informer], controllers: [controller], runnables });
  return { clock, store, informer, manager, stop: new AbortController() };
}

const WEB: ObjectKey<'Deployment'> = { kind: 'Deployment', namespace: 'default', name: 'web' };

describe('Manager', () => {
  it('starts controllers when their informers have synced, and ends everything with the signal', async () => {
    const seen: (number | undefined)[] = [];
    const { clock, store, informer, manager, stop } = setup(async (key) => {
      seen.push(informer.get(key)?.spec.replicas);
      return {};
    });
    await store.apply(deployment('web', { replicas: 3 }));
    const running = manager.start(stop.signal);
    await clock.settle();
    expect(seen).toEqual([3]);
    stop.abort();
    await running;
    expect(clock.pending).toBe(0);
  });

  it('ends while it still waits for an informer', async () => {
    const { clock, manager, stop } = setup(undefined, { list: () => new Promise(() => undefined) });
    const running = manager.start(stop.signal);
    await clock.settle();
    stop.abort();
    await running;
    expect(clock.pending).toBe(0);
  });

  it('ends everything when one part fails, and says why', async () => {
    const broken = { start: () => Promise.reject(new Error('port 9000 is taken')) };
    const { clock, manager, stop } = setup(undefined, { runnables: [broken] });
    await expect(manager.start(stop.signal)).rejects.toThrow('port 9000 is taken');
    expect(clock.pending).toBe(0);
  });
});

describe('Manager.settled', () => {
  /** Turns the clock until the manager says that it has settled; answers after how long. */
  async function settledAfter(clock: FakeClock, settled: Promise<void>): Promise<number> {
    const since = clock.now();
    let done = false;
    void settled.then(() => {
      done = true;
    });
    await clock.settle();
    while (!done) await clock.advance(1);
    return clock.now() - since;
  }

  it('waits until what was there has been looked at, and what came of it', async () => {
    const passes: number[] = [];
    const { clock, store, manager, stop } = setup(async (key) => {
      const found = await store.get(key);
      const replicas = found?.spec.replicas ?? 0;
      passes.push(replicas);
      if (replicas < 3) await store.patch(key, { spec: { replicas: replicas + 1 } });
      return {};
    });
    await store.apply(deployment('web', { replicas: 1 }));
    const running = manager.start(stop.signal);
    await settledAfter(clock, manager.settled(stop.signal));
    expect([...new Set(passes)]).toEqual([1, 2, 3]);
    expect((await store.get(WEB))?.spec.replicas).toBe(3);
    stop.abort();
    await running;
    expect(clock.pending).toBe(0);
  });

  it('waits for what is due soon, and not for what is due later', async () => {
    let requeueAfterMs = 500;
    const { clock, store, manager, stop } = setup(async () => {
      const next = { requeueAfterMs };
      requeueAfterMs = 60_000;
      return next;
    });
    await store.apply(deployment('web'));
    void manager.start(stop.signal);
    const milliseconds = await settledAfter(clock, manager.settled(stop.signal, { horizonMs: 1_000 }));
    expect(milliseconds).toBeGreaterThanOrEqual(500);
    expect(milliseconds).toBeLessThan(1_000);
    stop.abort();
  });

  it('waits for a write to come back as an event', async () => {
    const { clock, store, manager, stop } = setup(
      async (key) => {
        const replicas = (await store.get(key))?.spec.replicas ?? 0;
        if (replicas < 6) await store.patch(key, { spec: { replicas: replicas + 1 } });
        return {};
      },
      { delayMs: 15 },
    );
    await store.apply(deployment('web', { replicas: 1 }));
    void manager.start(stop.signal);
    await settledAfter(clock, manager.settled(stop.signal));
    expect((await store.get(WEB))?.spec.replicas).toBe(6);
    stop.abort();
  });

  it('waits for informers, and gives up with the signal', async () => {
    const { clock, manager, stop } = setup(undefined, { list: () => new Promise(() => undefined) });
    void manager.start(stop.signal);
    let settled = false;
    const waiting = manager.settled(stop.signal).then(() => {
      settled = true;
    });
    await clock.advance(10_000);
    expect(settled).toBe(false);
    stop.abort();
    await waiting;
    expect(clock.pending).toBe(0);
  });
});
