import { PrometheusMetrics } from '../../agents/adapters/system/metrics.ts';
import type { ObjectKey } from '../../api/meta/object.ts';
import { StatusError } from '../../api/meta/status-error.ts';
import { FakeClock } from '../../test/support/fake-clock.ts';
import { FakeLogger } from '../../test/support/fake-logger.ts';
import { Controller, type ControllerInit, type Reconciler } from './controller.ts';
import { TerminalError } from './error-policy.ts';
import { Trigger } from './source.ts';

type Reconcile = Reconciler<'Deployment'>['reconcile'];

/** A controller that is running, and the times in milliseconds at which each of its runs began. */
function setup(reconcile: Reconcile, init: Partial<ControllerInit<'Deployment'>> = {}) {
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

function never(): Promise<never> {
  return new Promise(() => undefined);
}

/** Gives up when it is told to, as every reconciler must. */
function obedient(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}

describe('Controller, after a run', () => {
  it('that succeeded: rests', async () => {
    const { clock, controller, enqueue, times, end } = setup(async () => ({}));
    enqueue('web');
    await clock.advance(100_000);
    expect(times('web')).toEqual([0]);
    expect(controller.isIdle(1e9)).toBe(true);
    await end();
  });

  it('that asked for it: looks again then', async () => {
    const { clock, controller, enqueue, times, end } = setup(async () => ({ requeueAfterMs: 5_000 }));
    enqueue('web');
    await clock.advance(10_000);
    expect(times('web')).toEqual([0, 5_000, 10_000]);
    expect([controller.isIdle(4_999), controller.isIdle(5_000)]).toEqual([true, false]);
    await end();
  });

  it('that failed: backs off further each time, and starts over after a success', async () => {
    let failures = 6;
    const { clock, enqueue, times, end } = setup(async () => {
      if (failures-- > 0) throw new Error('no luck');
      return {};
    });
    enqueue('web');
    await clock.advance(10_000);
    expect(times('web')).toEqual([0, 100, 300, 700, 1_500, 2_500, 3_500]);
    failures = 1;
    enqueue('web');
    await clock.advance(10_000);
    expect(times('web').slice(7)).toEqual([10_000, 10_100]);
    await end();
  });

  it('that met a conflict: reads again almost at once, without a word', async () => {
    let conflicts = 3;
    const { clock, logger, enqueue, times, end } = setup(async () => {
      if (conflicts-- > 0) throw new StatusError('Conflict', 'someone else wrote first');
      return {};
    });
    enqueue('web');
    await clock.advance(10_000);
    expect(times('web')).toEqual([0, 5, 15, 35]);
    expect(new Set(logger.lines.map(({ level }) => level))).toEqual(new Set(['debug']));
    await end();
  });

  it('that cannot be helped: waits until the object changes, and warns once', async () => {
    const { clock, logger, enqueue, times, end } = setup(async () => {
      throw new TerminalError('InvalidManifest', 'two containers of one name');
    });
    enqueue('web');
    await clock.advance(100_000);
    enqueue('web');
    await clock.advance(100_000);
    expect(times('web')).toEqual([0, 100_000]);
    expect(logger.at('warn')).toMatchObject([
      {
        message: 'Reconcile failed',
        fields: {
          controller: 'deployment',
          namespace: 'default',
          name: 'web',
          reconcileID: expect.stringMatching(/^[0-9a-f-]{36}$/),
          reason: 'InvalidManifest',
        },
      },
    ]);
    await end();
  });

  it('counts how it ended', async () => {
    const { clock, metrics, enqueue, end } = setup(async ({ name }) => {
      if (name === 'bad') throw new TerminalError('InvalidManifest', 'bad');
      return {};
    });
    enqueue('web', 'bad');
    await clock.settle();
    expect(metrics.render()).toContain(
      'peercompute_reconcile_total{controller="deployment",result="success"} 1\n' +
        'peercompute_reconcile_total{controller="deployment",result="error"} 1\n',
    );
    await end();
  });
});

describe('Controller, with several keys', () => {
  it('works on as many at a time as it has workers, and never on one twice', async () => {
    const release = Promise.withResolvers<void>();
    const { clock, enqueue, runs, end } = setup(
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
    const { clock, enqueue, times, end } = setup(reconcile, { workers: 1, timeoutMs: 1_000 });
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
    const { clock, enqueue, times, end } = setup(async (key) => {
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
    const { clock, logger, enqueue, times, end } = setup((_, signal) => obedient(signal), {
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
    const { clock, enqueue, times, end } = setup(() => runs[begun++]?.promise ?? never(), {
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
    const { clock, logger, enqueue, runs, stop, running } = setup((_, signal) => obedient(signal), {
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
    const { clock, logger, enqueue, stop, running } = setup(never);
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
