import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

const ROOT = join(import.meta.dirname, '../..');

/** A whole program of the engine's parts in real time, that ends itself after its first reconcile. */
const PROGRAM = `
import { MemoryStore } from '${ROOT}/agents/adapters/store/memory-store.ts';
import { systemClock as clock } from '${ROOT}/agents/adapters/system/clock.ts';
import { createLogger } from '${ROOT}/agents/adapters/system/logger.ts';
import { PrometheusMetrics } from '${ROOT}/agents/adapters/system/metrics.ts';
import { Controller } from '${ROOT}/controllers/core/controller.ts';
import { EventRecorder } from '${ROOT}/controllers/core/event-recorder.ts';
import { Informer } from '${ROOT}/controllers/core/informer.ts';
import { Manager } from '${ROOT}/controllers/core/manager.ts';
import { intervalSource, objectSource } from '${ROOT}/controllers/core/source.ts';
import { deployment } from '${ROOT}/test/support/objects.ts';

const components = { clock, logger: createLogger(), metrics: new PrometheusMetrics() };
const store = new MemoryStore(components);
const recorder = new EventRecorder({ ...components, store });
const informer = new Informer({ ...components, store }, { kind: 'Deployment' });
const stop = new AbortController();
const reconciler = {
  async reconcile(key) {
    recorder.for('deployment').record(informer.get(key), 'Normal', 'Started', 'started web-0');
    setImmediate(() => stop.abort());
    return { requeueAfterMs: 3_600_000 };
  },
};
const every = intervalSource(components, { milliseconds: 3_600_000, keys: () => [] });
const controller = new Controller(components, {
  name: 'deployment', sources: [objectSource(informer), every], reconciler,
});
const manager = new Manager(components, {
  informers: [informer], controllers: [controller], runnables: [recorder],
});
await store.apply(deployment('web'));
await manager.start(stop.signal);
console.log(JSON.stringify({ runs: controller.runs, left: process.getActiveResourcesInfo().filter((name) => name === 'Timeout') }));
`;

it('leaves nothing behind: a program of managers, informers, controllers and recorders exits by itself', async () => {
  const args = ['--input-type=module', '--eval', PROGRAM];
  const { stdout, stderr } = await promisify(execFile)(process.execPath, args, { timeout: 20_000 });
  expect(JSON.parse(stdout)).toEqual({ runs: 1, left: [] });
  expect(stderr).toBe('');
}, 30_000);
