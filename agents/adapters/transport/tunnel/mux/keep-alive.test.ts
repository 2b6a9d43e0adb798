import { FakeClock } from '../../../../../test/support/fake-clock.ts';
import { KeepAlive } from './keep-alive.ts';

function setup() {
  const clock = new FakeClock();
  const pings: number[] = [];
  const deaths: number[] = [];
  const since = clock.now();
  const seconds = () => (clock.now() - since) / 1_000;
  const components = {
    clock,
    ping: () => void pings.push(seconds()),
    onSilence: () => void deaths.push(seconds()),
  };
  const keepAlive = new KeepAlive(components, { keepAliveMs: 5_000, deadAfterMs: 12_000 });
  keepAlive.start();
  return { clock, keepAlive, pings, deaths };
}

test('G1 silence is noticed after 12 s', async () => {
  const { clock, pings, deaths } = setup();
  await clock.advance(60_000);
  expect(pings).toEqual([0, 5, 10]);
  expect(deaths).toEqual([12]);
  expect(clock.pending).toBe(0);
});

test('any byte is a sign of life', async () => {
  const { clock, keepAlive, pings, deaths } = setup();
  for (let second = 0; second < 60; second++) {
    await clock.advance(1_000);
    keepAlive.heard();
  }
  expect(deaths).toEqual([]);
  expect(pings).toHaveLength(13);
  await clock.advance(12_000);
  expect(deaths).toEqual([72]);
});

test('a machine that slept gives up at once, or goes on when it heard something', async () => {
  const { clock, keepAlive, deaths } = setup();
  await clock.advance(4_000);
  keepAlive.heard();
  await clock.advance(11_999);
  expect(deaths).toEqual([]);
  await clock.advance(1);
  expect(deaths).toEqual([16]);
});

test('nothing is left of it when it is stopped', async () => {
  const { clock, keepAlive, deaths } = setup();
  keepAlive.stop();
  expect(clock.pending).toBe(0);
  await clock.advance(60_000);
  expect(deaths).toEqual([]);
});
