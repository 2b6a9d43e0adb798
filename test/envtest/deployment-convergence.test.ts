import { Chaos } from './deployment-chaos.ts';

/** PEERCOMPUTE_TEST_SEED=n replays one schedule; PEERCOMPUTE_TEST_SCALE=n runs n times as many. */
const SEEDS = 200 * Number(process.env.PEERCOMPUTE_TEST_SCALE ?? 1);
const only = process.env.PEERCOMPUTE_TEST_SEED;
const seeds = only === undefined ? Array.from({ length: SEEDS }, (_, seed) => seed) : [Number(only)];

/** Far more than one schedule needs, in milliseconds of real time. */
const PATIENCE_MS = 1_000;

describe('L2: whatever happens on the way, it ends as it was asked for', () => {
  test(
    `${seeds.length} schedules of lost, late and repeated events, failing, hanging and outdated calls, crashes, edits and hands`,
    async () => {
      for (const seed of seeds) await replay(seed);
    },
    seeds.length * PATIENCE_MS + 10_000,
  );

  test('a schedule replays exactly', async () => {
    const [first, second] = [await replay(seeds[0] ?? 0), await replay(seeds[0] ?? 0)];
    expect(second.trace).toEqual(first.trace);
  });
});

async function replay(seed: number): Promise<Chaos> {
  const chaos = new Chaos(seed);
  try {
    await chaos.run();
    expect(chaos.violations).toEqual([]);
    expect(chaos.world.runtime.foreignTouched).toEqual([]);
    expect(await chaos.world.secondPass()).toEqual({ runtime: 0, store: 0 });
    await chaos.world.stop();
    return chaos;
  } catch (error) {
    const complaints = await chaos.complaints();
    throw new Error(`PEERCOMPUTE_TEST_SEED=${seed} fails: ${complaints.join('; ')}`, { cause: error });
  }
}
