import fc from 'fast-check';
import { PrometheusMetrics } from '../../agents/adapters/system/metrics.ts';
import { FakeClock } from '../../test/support/fake-clock.ts';
import { WorkQueue } from './workqueue.ts';

function setup() {
  const clock = new FakeClock();
  const metrics = new PrometheusMetrics();
  return { clock, metrics, queue: new WorkQueue({ clock, metrics }, { name: 'test' }) };
}

describe('WorkQueue', () => {
  it('hands out each key once, in the order of its first addition', async () => {
    const { queue } = setup();
    for (const key of ['a', 'b', 'a', 'c', 'b']) queue.add(key);
    expect([await queue.get(), await queue.get(), await queue.get()]).toEqual(['a', 'b', 'c']);
    expect(queue.depth).toBe(0);
  });

  it('lets a worker wait for the next key', async () => {
    const { queue } = setup();
    const next = queue.get();
    queue.add('a');
    expect(await next).toBe('a');
  });

  it('gives a key that is added while a worker has it to a worker again, and only then', async () => {
    const { queue } = setup();
    queue.add('a');
    await queue.get();
    queue.add('a');
    queue.add('a');
    expect(queue.depth).toBe(0);
    queue.done('a');
    expect([queue.depth, await queue.get()]).toEqual([1, 'a']);
    queue.done('a');
    expect(queue.isIdle()).toBe(true);
  });

  it('keeps the earliest of several delays of one key', async () => {
    const { clock, queue } = setup();
    queue.addAfter('a', 30);
    queue.addAfter('a', 10);
    queue.addAfter('a', 20);
    await clock.advance(9);
    expect(queue.depth).toBe(0);
    await clock.advance(1);
    expect(await queue.get()).toBe('a');
    queue.done('a');
    await clock.advance(100);
    expect(queue.depth).toBe(0);
  });

  it('is idle while nothing will be due in the time asked about', async () => {
    const { queue } = setup();
    queue.addAfter('a', 1_000);
    expect([queue.isIdle(), queue.isIdle(999), queue.isIdle(1_000)]).toEqual([true, true, false]);
  });

  it('lets others pass a key that never rests', async () => {
    const { queue } = setup();
    const others = Array.from({ length: 100 }, (_, index) => `key-${index}`);
    for (const key of ['hot', ...others]) queue.add(key);
    const seen = new Set<string>();
    for (let turn = 0; turn < 2 * others.length + 2; turn++) {
      const key = (await queue.get()) as string;
      seen.add(key);
      queue.add('hot');
      queue.done(key);
    }
    expect(seen.size).toBe(others.length + 1);
  });

  it('ends: workers get nothing, no timer is left, and later additions are ignored', async () => {
    const { clock, queue } = setup();
    const next = queue.get();
    queue.addAfter('later', 10);
    queue.shutDown();
    queue.add('a');
    queue.addAfter('a', 1);
    expect([await next, await queue.get(), clock.pending, queue.depth]).toEqual([undefined, undefined, 0, 0]);
  });

  it('shows its depth and how long keys wait', async () => {
    const { clock, metrics, queue } = setup();
    queue.add('a');
    queue.add('b');
    await clock.advance(250);
    await queue.get();
    expect(metrics.render().split('\n')).toEqual(
      expect.arrayContaining([
        'peercompute_workqueue_adds_total{name="test"} 2',
        'peercompute_workqueue_depth{name="test"} 1',
        'peercompute_workqueue_queue_duration_seconds_sum{name="test"} 0.25',
      ]),
    );
  });
});

const key = fc.constantFrom('a', 'b', 'c');
const step = fc.oneof(
  fc.record({ op: fc.constant('add' as const), key }),
  fc.record({ op: fc.constant('addAfter' as const), key, ms: fc.integer({ min: 0, max: 50 }) }),
  fc.record({ op: fc.constant('advance' as const), ms: fc.integer({ min: 0, max: 50 }) }),
  fc.record({ op: fc.constant('get' as const) }),
  fc.record({ op: fc.constant('done' as const), key }),
);

describe('WorkQueue, under any schedule', () => {
  it('never gives a key to two workers, loses none and invents none', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const { clock, queue } = setup();
        /** What must still be handed out, and what will have to be, from when on. */
        const owed = new Set<string>();
        const later = new Map<string, number>();
        const working = new Set<string>();
        const advance = async (ms: number) => {
          await clock.advance(ms);
          for (const [name, due] of later) {
            if (due > clock.now()) continue;
            later.delete(name);
            owed.add(name);
          }
        };
        const take = async () => {
          const name = (await queue.get()) as string;
          expect(working).not.toContain(name);
          expect(owed).toContain(name);
          owed.delete(name);
          working.add(name);
          return name;
        };
        const finish = (name: string) => {
          if (working.delete(name)) queue.done(name);
        };

        for (const each of steps) {
          if (each.op === 'add') {
            owed.add(each.key);
            queue.add(each.key);
          } else if (each.op === 'addAfter') {
            const due = clock.now() + each.ms;
            later.set(each.key, Math.min(due, later.get(each.key) ?? due));
            queue.addAfter(each.key, each.ms);
            await advance(0);
          } else if (each.op === 'advance') await advance(each.ms);
          else if (each.op === 'done') finish(each.key);
          else if (queue.depth > 0) await take();
        }
        for (const name of [...working]) finish(name);
        await advance(1_000);
        while (queue.depth > 0) finish(await take());
        expect([...owed, ...later.keys()]).toEqual([]);
        expect(queue.isIdle()).toBe(true);
      }),
      { numRuns: 300 * Number(process.env.PEERCOMPUTE_TEST_SCALE ?? 1) },
    );
  });
});
