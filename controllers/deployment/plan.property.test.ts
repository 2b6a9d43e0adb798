import fc from 'fast-check';
import { desired, NOW, observed, READY, running, UNREADY } from '../../test/envtest/deployment-samples.ts';
import type { Desired } from './desired.ts';
import type { ObservedContainer } from './observed.ts';
import { type Action, type EndAction, planOf, type RunAction } from './plan.ts';
import { isAlive, isAvailable } from './roles.ts';

const RUNS = 300 * Number(process.env.PEERCOMPUTE_TEST_SCALE ?? 1);

/** Far more than any of these needs: replicas are at most 5. */
const MAX_STEPS = 200;

const strategy = fc.oneof(
  fc.constant({ type: 'Recreate' }),
  fc
    .record({ maxSurge: fc.nat(3), maxUnavailable: fc.nat(3) })
    .filter(({ maxSurge, maxUnavailable }) => maxSurge + maxUnavailable > 0)
    .map((rollingUpdate) => ({ type: 'RollingUpdate', rollingUpdate })),
);

const anyDesired = fc
  .record({ replicas: fc.nat(5), minReadySeconds: fc.constantFrom(0, 5), strategy })
  .map((spec) => desired(spec));

const anyContainer = fc
  .record({
    ordinal: fc.nat(6),
    templateHash: fc.constantFrom('new', 'old', 'older'),
    attempt: fc.nat(3),
    backoffLevel: fc.nat(6),
    state: fc.constantFrom('Running', 'Running', 'Running', 'Exited', 'Created'),
    drifted: fc.boolean(),
    health: fc.constantFrom(READY, READY, UNREADY, { ...UNREADY, failed: true }),
    terminating: fc.constantFrom(undefined, undefined, undefined, { gracePeriodSeconds: 0 }),
  })
  .map(({ ordinal, ...change }) => {
    const { state } = change;
    return running(ordinal, {
      ...change,
      state: state as ObservedContainer['state'],
      finishedAt: state === 'Exited' ? NOW : undefined,
    });
  });

const anyContainers = fc.uniqueArray(anyContainer, { selector: ({ name }) => name, maxLength: 14 });

/** A runtime in which everything works in the end, though not at once, and in any order. */
class PerfectWorld {
  now = NOW;
  containers: ObservedContainer[];
  /** Stopped and not removed. */
  readonly #kept = new Set<string>();
  /** Indecision ends some time: then everything works. */
  readonly #next: () => number;

  constructor(containers: ObservedContainer[], choices: number[]) {
    this.containers = containers;
    let index = 0;
    this.#next = () => choices[index++] ?? 1;
  }

  apply(desiredState: Desired, action: Action): void {
    if (action.type === 'Run') this.#run(action);
    if (action.type === 'Stop' || action.type === 'Remove')
      this.#mark(action, desiredState.gracePeriodSeconds);
  }

  /** Some of what is under way comes to its end. */
  settle(): void {
    this.containers = this.containers.flatMap((container) => {
      if (this.#next() % 3 === 0) return [container];
      if (container.terminating) return this.#ended(container);
      const { ready, failed } = container.health;
      return isAlive(container) && !ready && !failed
        ? [{ ...container, health: { ...READY, readySince: this.now } }]
        : [container];
    });
  }

  #run({ ordinal, attempt, backoffLevel, templateHash }: RunAction): void {
    const run = running(ordinal, {
      templateHash,
      attempt,
      backoffLevel,
      startedAt: this.now,
      health: { ...UNREADY, message: undefined },
    });
    this.containers = [...this.containers.filter(({ name }) => name !== run.name), run];
  }

  #mark({ name, type }: EndAction, gracePeriodSeconds: number): void {
    if (type === 'Stop') this.#kept.add(name);
    this.containers = this.containers.map((container) =>
      container.name === name ? { ...container, terminating: { gracePeriodSeconds } } : container,
    );
  }

  #ended(container: ObservedContainer): ObservedContainer[] {
    if (!this.#kept.delete(container.name)) return [];
    return [{ ...container, state: 'Exited', terminating: undefined, finishedAt: this.now }];
  }
}

describe('plan, from anywhere', () => {
  test('comes to what is desired, and every step on the way is safe', () => {
    fc.assert(
      fc.property(
        anyDesired,
        anyContainers,
        fc.array(fc.nat(9), { maxLength: 100 }),
        (wanted, containers, choices) => {
          const world = new PerfectWorld(containers, choices);
          let steps = 0;
          for (; steps < MAX_STEPS && !isSettled(wanted, world); steps++) step(wanted, world);
          expect(isSettled(wanted, world)).toBe(true);
          expectDesired(wanted, world.containers);
        },
      ),
      { numRuns: RUNS },
    );
  });

  test('says the same when it is asked twice', () => {
    fc.assert(
      fc.property(anyDesired, anyContainers, (wanted, containers) => {
        const shuffled = containers.toReversed();
        expect(planOf(wanted, observed(shuffled), NOW)).toEqual(planOf(wanted, observed(shuffled), NOW));
      }),
      { numRuns: RUNS },
    );
  });
});

function step(wanted: Desired, world: PerfectWorld): void {
  const { actions, wakeAt } = planOf(wanted, observed(world.containers), world.now);
  expectSafe(wanted, world, actions);
  for (const action of actions) world.apply(wanted, action);
  if (actions.length === 0 && wakeAt !== undefined) world.now = wakeAt;
  world.settle();
}

/** Nothing to do, nothing to wait for. */
function isSettled(wanted: Desired, { containers, now }: PerfectWorld): boolean {
  const { actions, waits } = planOf(wanted, observed(containers), now);
  return actions.length === 0 && waits.length === 0;
}

function expectSafe(wanted: Desired, { containers, now }: PerfectWorld, actions: Action[]): void {
  const runs = actions.filter((action) => action.type === 'Run');
  const ends = actions.filter(
    (action): action is EndAction => action.type === 'Stop' || action.type === 'Remove',
  );
  const alive = containers.filter(isAlive);
  if (runs.length > 0)
    expect(alive.length + runs.length).toBeLessThanOrEqual(wanted.replicas + wanted.maxSurge);
  expect(new Set(runs.map(({ ordinal }) => ordinal)).size).toBe(runs.length);
  for (const { ordinal } of runs)
    expect(
      alive.some((other) => other.ordinal === ordinal && other.templateHash === 'new' && !other.drifted),
    ).toBe(false);
  expect(new Set(ends.map(({ name }) => name)).size).toBe(ends.length);
  const available = containers.filter((container) => isAvailable(wanted, container, now));
  const leaving = available.filter(({ name }) => ends.some((end) => end.name === name));
  const gaveWay = leaving.filter(
    ({ templateHash, drifted, ordinal }) => templateHash !== 'new' || (drifted && ordinal < wanted.replicas),
  );
  if (gaveWay.length > 0)
    expect(available.length - leaving.length).toBeGreaterThanOrEqual(wanted.replicas - wanted.maxUnavailable);
}

function expectDesired(wanted: Desired, containers: ObservedContainer[]): void {
  const alive = containers.filter(isAlive).toSorted((a, b) => a.ordinal - b.ordinal);
  expect(alive.map(({ ordinal }) => ordinal)).toEqual(
    Array.from({ length: wanted.replicas }, (_, ordinal) => ordinal),
  );
  expect(alive.every(({ templateHash, drifted }) => templateHash === 'new' && !drifted)).toBe(true);
  const others = containers.filter((container) => !isAlive(container));
  for (const { ordinal, attempt, state } of others) {
    const current = alive.find((container) => container.ordinal === ordinal);
    expect({ state, isEarlier: attempt < (current?.attempt ?? 0) }).toEqual({
      state: 'Exited',
      isEarlier: true,
    });
  }
  expect(others.length).toBeLessThanOrEqual(alive.length);
}
