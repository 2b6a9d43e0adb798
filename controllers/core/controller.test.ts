import { PrometheusMetrics } from '../../agents/adapters/system/metrics.ts';
import type { ObjectKey } from '../../api/meta/object.ts';
import { StatusError } from '../../api/meta/status-error.ts';
import { FakeClock } from '../../test/support/fake-clock.ts';
import { FakeLogger } from '../../test/support/fake-logger.ts';
import { runController } from '../../test/support/run-controller.ts';
import { Controller } from './controller.ts';

function never(): Promise<never> {
  return new Promise(() => undefined);
}

/** Gives up when it is told to, as every reconciler must. */
function obedient(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(new Error('gave up')), { once: true });
  });
}

describe('Controller, with several keys', () => {
  it('works on as many at a time as it has workers, and never on one twice', async () => {
    const release = Promise.withResolvers<void>();
    const { clock, enqueue, runs, end } = runController(
      async () => {
        await release.promise;
        return {};
      },
      { workers: 2 },
    );
    enqueue('a', 'b', 'c');
    enqueue('a');
    await clock.settle();
    expect(runs.map(({ name }) => name)).toEqual(['a', 'b']);
    release.resolve();
    await clock.settle();
    expect(runs.map(({ name }) => name)).toEqual(['a', 'b', 'c', 'a']);
    await end();
  });

  it('L4: one that fails, one that throws and one that hangs do not delay the others', async () => {
    const reconcile = ({ name }: ObjectKey) => {
      if (name === 'throws') throw new Error('before any promise');
      if (name === 'hangs') return never();
      return name === 'fails' ? Promise.reject(new Error('no luck')) : Promise.resolve({});
    };
    const { clock, enqueue, times, end } = runController(reconcile, { workers: 1, timeoutMs: 1_000 });
    enqueue('fails', 'throws', 'hangs');
    await clock.settle();
    const others = Array.from({ length: 100 }, (_, index) => `web-${index}`);
    enqueue(...others);
    await clock.advance(1_000);
    for (const name of others) expect(times(name)).toEqual([1_000]);
    await end();
  });

  it('lets the rest of the program have its turn, also when one key never rests', async () => {
    let turns = 0;
    const { clock, enqueue, times, end } = runController(async (key) => {
      if (turns < 3) enqueue(key.name);
      return {};
    });
    const turn = () => {
      turns += 1;
      if (turns < 3) setImmediate(turn);
    };
    setImmediate(turn);
    enqueue('hot');
    await clock.settle();
    expect(turns).toBe(3);
    expect(times('hot').length).toBeLessThan(1_000);
    await end();
  });

  it('tells a run that takes too long to give up, and tries again', async () => {
    const { clock, logger, enqueue, times, end } = runController((_, signal) => obedient(signal), {
      timeoutMs: 1_000,
    });
    enqueue('web');
    await clock.advance(2_100);
    expect(times('web')).toEqual([0, 1_100]);
    expect(logger.at('info')[0]?.fields.error).toEqual(
      new StatusError('Timeout', 'reconciling took longer than 1 s'),
    );
    await end();
  });

  it('keeps the key of a run that does not give up: two would undo each other', async () => {
    const runs = [Promise.withResolvers<object>(), Promise.withResolvers<object>()];
    let begun = 0;
    const { clock, enqueue, times, end } = runController(() => runs[begun++]?.promise ?? never(), {
      timeoutMs: 1_000,
    });
    enqueue('web');
    await clock.advance(1_000);
    enqueue('web');
    await clock.advance(10_000);
    expect(times('web')).toEqual([0]);
    runs[0]?.resolve({});
    await clock.settle();
    expect(times('web')).toEqual([0, 11_000]);
    runs[1]?.resolve({});
    await end();
  });
});

describe('Controller, at its end', () => {
  it('tells its runs to give up, waits for them, and starts no other', async () => {
    const { clock, logger, enqueue, runs, stop, running } = runController((_, signal) => obedient(signal), {
      workers: 1,
    });
    enqueue('a', 'b');
    await clock.settle();
    stop.abort();
    await running;
    expect(runs.map(({ name }) => name)).toEqual(['a']);
    expect(logger.lines).toEqual([]);
    expect(clock.pending).toBe(0);
  });

  it('does not wait for ever for one that hangs', async () => {
    const { clock, logger, enqueue, stop, running } = runController(never);
    enqueue('web');
    await clock.settle();
    stop.abort();
    await clock.advance(10_000);
    await running;
    expect(logger.at('warn')).toMatchObject([{ message: 'Reconciles did not end in time' }]);
    expect(clock.pending).toBe(0);
  });

  it('ends with the error of a source that breaks', async () => {
    const clock = new FakeClock();
    const broken = { start: () => Promise.reject(new Error('no such directory')) };
    const controller = new Controller(
      { clock, logger: new FakeLogger(), metrics: new PrometheusMetrics() },
      { name: 'deployment', sources: [broken], reconciler: { reconcile: async () => ({}) } },
    );
    await expect(controller.start(new AbortController().signal)).rejects.toThrow('no such directory');
    expect(clock.pending).toBe(0);
  });
});
