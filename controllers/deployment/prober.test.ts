import type { ObjectKey } from '../../api/meta/object.ts';
import { container } from '../../api/v1alpha1/container.ts';
import type { Probe } from '../../api/v1alpha1/probe.ts';
import { FakeClock } from '../../test/support/fake-clock.ts';
import { silentLogger as logger } from '../../test/support/silent.ts';
import { Trigger } from '../core/source.ts';
import type { ProbeResult, Runtime } from '../ports/runtime.ts';
import type { Probes } from './probe-state.ts';
import { Prober, type ProbeTarget } from './prober.ts';

const key: ObjectKey<'Deployment'> = { kind: 'Deployment', namespace: 'default', name: 'web' };
const OK: ProbeResult = { success: true, message: 'OK' };
const DOWN: ProbeResult = { success: false, message: 'connection refused' };

/** A prober that is watched, of a runtime whose answers are given. */
async function begin(answer: () => ProbeResult | Promise<ProbeResult>) {
  const clock = new FakeClock();
  const end = new AbortController();
  const trigger = new Trigger<'Deployment'>();
  const asked: number[] = [];
  const startedAt = clock.now();
  const probe: Runtime['probe'] = async () => {
    asked.push((clock.now() - startedAt) / 1000);
    return answer();
  };
  let hints = 0;
  void trigger.start(() => hints++, end.signal);
  const prober = new Prober({ runtime: { probe }, trigger, clock, logger });
  const ended = prober.start(end.signal);
  const watch = (probes: Probes | undefined, change: Partial<ProbeTarget> = {}) =>
    prober.watch(key, [{ name: 'web-0', startedAt, probes, wasReady: false, ...change }]).get('web-0');
  const stop = async () => {
    end.abort();
    await ended;
  };
  return { clock, prober, watch, asked, hints: () => hints, stop };
}

function probes(
  kind: 'startupProbe' | 'readinessProbe' | 'livenessProbe',
  change: Partial<Probe> = {},
): Probes {
  return container.parse({ name: 'web', image: 'x', [kind]: { tcpSocket: { port: 80 }, ...change } });
}

test('it asks after the initial delay and then every period', async () => {
  const { clock, watch, asked, stop } = await begin(() => OK);
  watch(probes('readinessProbe', { initialDelaySeconds: 3, periodSeconds: 5 }));
  await clock.advance(15_000);
  expect(asked).toEqual([3, 8, 13]);
  await stop();
  expect(clock.pending).toBe(0);
});

test('a result that flips is told, one that does not is not', async () => {
  let answer = OK;
  const { clock, watch, hints, stop } = await begin(() => answer);
  const readiness = probes('readinessProbe', { periodSeconds: 1, failureThreshold: 2 });
  expect(watch(readiness)).toEqual({ ready: false, failed: false });
  await clock.advance(5_000);
  expect([hints(), watch(readiness)?.ready]).toEqual([1, true]);
  answer = DOWN;
  await clock.advance(1_000);
  expect(watch(readiness)?.ready).toBe(true);
  await clock.advance(5_000);
  expect([hints(), watch(readiness)]).toEqual([
    2,
    { ready: false, failed: false, message: 'readiness probe failed: connection refused' },
  ]);
  await stop();
});

test('since when it is ready is when it became so, and anew after each relapse', async () => {
  let answer = OK;
  const { clock, watch, stop } = await begin(() => answer);
  const readiness = probes('readinessProbe', {
    initialDelaySeconds: 2,
    periodSeconds: 1,
    failureThreshold: 1,
  });
  const startedAt = clock.now();
  watch(readiness);
  await clock.advance(10_000);
  expect(watch(readiness)?.readySince).toBe(startedAt + 2_000);
  answer = DOWN;
  await clock.advance(1_000);
  answer = OK;
  await clock.advance(5_000);
  expect(watch(readiness)?.readySince).toBe(startedAt + 12_000);
  await stop();
});

test('liveness is asked only once startup has passed', async () => {
  let answer = DOWN;
  const { clock, watch, asked, stop } = await begin(() => answer);
  const both = {
    ...probes('startupProbe', { periodSeconds: 2, failureThreshold: 30 }),
    livenessProbe: probes('livenessProbe', { periodSeconds: 1 }).livenessProbe,
  };
  watch(both);
  await clock.advance(5_000);
  expect(asked).toEqual([0, 2, 4]);
  answer = OK;
  await clock.advance(4_000);
  expect(asked).toEqual([0, 2, 4, 6, 6, 7, 8, 9]);
  await stop();
});

test('a startup that takes too long is a failure', async () => {
  const { clock, watch, stop } = await begin(() => DOWN);
  const startup = probes('startupProbe', { periodSeconds: 1, failureThreshold: 5 });
  watch(startup);
  await clock.advance(3_999);
  expect(watch(startup)?.failed).toBe(false);
  await clock.advance(1);
  expect(watch(startup)).toMatchObject({ failed: true, message: 'startup probe failed: connection refused' });
  await stop();
});

test('a runtime that cannot ask says nothing about the container', async () => {
  const { clock, watch, asked, stop } = await begin(() => Promise.reject(new Error('engine is away')));
  const liveness = probes('livenessProbe', { periodSeconds: 1, failureThreshold: 1 });
  watch(liveness);
  await clock.advance(10_000);
  expect(asked.length).toBeGreaterThan(5);
  expect(watch(liveness)).toMatchObject({ ready: true, failed: false });
  await stop();
});

test('an answer that never comes is not waited for', async () => {
  const { clock, watch, asked, stop } = await begin(() => new Promise(() => {}));
  watch(probes('livenessProbe', { periodSeconds: 10, timeoutSeconds: 3 }));
  await clock.advance(25_000);
  expect(asked).toEqual([0, 10, 20]);
  await stop();
});

test('a new run of the container begins anew', async () => {
  const { clock, watch, stop } = await begin(() => OK);
  const readiness = probes('readinessProbe', { periodSeconds: 1 });
  watch(readiness);
  await clock.advance(1_000);
  expect(watch(readiness)?.ready).toBe(true);
  expect(watch(readiness, { startedAt: clock.now() })?.ready).toBe(false);
  await stop();
});

test('one whose template is no longer known goes on with its probes', async () => {
  const { clock, watch, asked, stop } = await begin(() => OK);
  watch(probes('readinessProbe', { periodSeconds: 1 }));
  await clock.advance(1_000);
  watch(undefined);
  await clock.advance(3_000);
  expect(asked).toEqual([0, 1, 2, 3, 4]);
  await stop();
});

test('one that was ready before the agent began stays so until it fails', async () => {
  let answer = OK;
  const { clock, watch, hints, stop } = await begin(() => answer);
  const readiness = probes('readinessProbe', { periodSeconds: 1, failureThreshold: 2 });
  expect(watch(readiness, { wasReady: true })).toMatchObject({ ready: true });
  await clock.advance(5_000);
  expect(hints()).toBe(0);
  answer = DOWN;
  await clock.advance(3_000);
  expect(watch(readiness)?.ready).toBe(false);
  await stop();
});

test('what is not watched any more is not asked', async () => {
  const { clock, prober, watch, asked, stop } = await begin(() => OK);
  watch(probes('readinessProbe', { periodSeconds: 1 }));
  await clock.advance(1_000);
  prober.watch(key, []);
  const before = asked.length;
  await clock.advance(10_000);
  expect(asked.length).toBe(before);
  expect(clock.pending).toBe(0);
  await stop();
});
