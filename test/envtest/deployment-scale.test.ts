import { World } from './deployment-world.ts';

const OBJECTS = 1_000;

test('L1, P6: looking at a thousand settled Deployments again takes one list and no write', async () => {
  const world = new World();
  await world.start();
  for (let index = 0; index < OBJECTS; index++) await world.apply(`web-${index}`);
  await world.until(() => world.alive.length === OBJECTS);
  await world.clock.advance(5_000);
  const { list, image } = world.runtime.calls;
  expect(await world.secondPass()).toEqual({ runtime: 0, store: 0 });
  expect(world.runtime.calls.list - list).toBeLessThanOrEqual(2);
  expect(world.runtime.calls.image).toBe(image);
  await world.stop();
}, 60_000);
