import { PrometheusMetrics } from '../../agents/adapters/system/metrics.ts';
import type { ObjectKey } from '../../api/meta/object.ts';
import { Controller, type ControllerInit, type Reconciler } from '../../controllers/core/controller.ts';
import { Trigger } from '../../controllers/core/source.ts';
import { FakeClock } from './fake-clock.ts';
import { FakeLogger } from './fake-logger.ts';

type Reconcile = Reconciler<'Deployment'>['reconcile'];

/** A controller that is running, and the times in milliseconds at which each of its runs began. */
export function runController(reconcile: Reconcile, init: Partial<ControllerInit<'Deployment'>> = {}) {
  const clock = new FakeClock();
  const logger = new FakeLogger();
  const metrics = new PrometheusMetrics();
  const trigger = new Trigger<'Deployment'>();
  const runs: { name: string; at: number }[] = [];
  const start = clock.now();
  const controller = new Controller(
    { clock, logger, metrics },
    {
      name: 'deployment',
      sources: [trigger],
      reconciler: {
        reconcile(key, signal) {
          runs.push({ name: key.name, at: clock.now() - start });
          return reconcile(key, signal);
        },
      },
      backoff: { baseMs: 100, capMs: 1_000 },
      ...init,
    },
  );
  const stop = new AbortController();
  const running = controller.start(stop.signal);
  const enqueue = (...names: string[]) => {
    for (const name of names) trigger.enqueue(keyFor(name));
  };
  const times = (name: string) => runs.filter((run) => run.name === name).map(({ at }) => at);
  const end = async () => {
    stop.abort();
    await clock.advance(20_000);
    await running;
    expect(clock.pending).toBe(0);
  };
  return { clock, logger, metrics, controller, enqueue, times, runs, stop, running, end };
}

function keyFor(name: string): ObjectKey<'Deployment'> {
  return { kind: 'Deployment', owner: undefined, namespace: 'default', name };
}
