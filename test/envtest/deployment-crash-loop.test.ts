import { IMAGE, World } from './deployment-world.ts';

const HALF_HOUR_MS = 1_800_000;

/** At 0 s, at once after the first end, and then 10, 20, 40, 80, 160 and every 300 s after the one before. */
const STARTS_IN_HALF_AN_HOUR = 11;

const CRASHING = 100;

test('L4: a hundred crash loops cost what their back-off allows, and delay nobody', async () => {
  const world = new World({
    script: ({ deployment }) => (deployment === 'web' ? {} : { exitAfterMs: 500, exitCode: 1 }),
  });
  await world.start();
  for (let index = 0; index < CRASHING; index++) await world.apply(`crash-${index}`);
  await world.clock.advance(HALF_HOUR_MS);
  const { run, remove, list } = world.runtime.calls;
  expect(run).toBeLessThanOrEqual(CRASHING * STARTS_IN_HALF_AN_HOUR);
  expect(remove).toBeLessThanOrEqual(run);
  expect(world.runtime.containers.length).toBeLessThanOrEqual(2 * CRASHING);
  // A start and an end are two changes each; beyond that only resyncs and the garbage collector look.
  expect(list).toBeLessThanOrEqual(5 * run + (2 * HALF_HOUR_MS) / 30_000);

  await world.apply('web', { template: { spec: { containers: [{ name: 'web', image: IMAGE }] } } });
  await world.until(async () => (await world.ready('web')) === 'Ready', 0);
  await world.stop();
}, 60_000);

test('one that fails in every way does not delay the others', async () => {
  const hang = new Promise<undefined>(() => {});
  const world = new World();
  world.verifier = { verify: async ({ metadata }) => (metadata.name === 'stuck' ? hang : undefined) };
  await world.start();
  const owner = '12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN';
  for (let index = 0; index < 3; index++) await world.apply('stuck', { replicas: index }, { owner });
  await world.apply('web');
  await world.until(async () => (await world.ready('web')) === 'Ready', 0);
  await world.stop();
});
