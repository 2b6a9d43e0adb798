import { FakeClock } from '../../../test/support/fake-clock.ts';
import { VisitorLimits, type VisitorLimitsInit } from './visitor-limits.ts';

const [ANN, BOB] = ['192.0.2.1', '192.0.2.2'];

function setup(init: VisitorLimitsInit) {
  const clock = new FakeClock();
  return { clock, limits: new VisitorLimits({ clock }, init) };
}

function served(limits: VisitorLimits, address: string, host: string): number {
  let count = 0;
  while (count < 1_000 && limits.takesRequest(address, host)) count += 1;
  return count;
}

test('An address may ask three times its rate at once, then its rate, and takes nothing from others', async () => {
  const { clock, limits } = setup({ ratePerAddress: 10 });
  expect([served(limits, ANN, 'a'), served(limits, ANN, 'b'), served(limits, BOB, 'a')]).toEqual([30, 0, 30]);
  await clock.advance(1_000);
  expect(served(limits, ANN, 'a')).toBe(10);
});

test('All addresses together have the rate of a host name', () => {
  const { limits } = setup({ ratePerHost: 10 });
  expect([served(limits, ANN, 'a'), served(limits, BOB, 'a'), served(limits, BOB, 'b')]).toEqual([30, 0, 30]);
});

test('An address has so many connections at a time, and gets back what it gives up', () => {
  const { limits } = setup({ connectionsPerAddress: 2 });
  expect([limits.entered(ANN), limits.entered(ANN), limits.entered(ANN), limits.entered(BOB)]).toEqual([
    true,
    true,
    false,
    true,
  ]);
  limits.left(ANN);
  expect([limits.entered(ANN), limits.entered(ANN)]).toEqual([true, false]);
});

test('Without limits everybody takes what he likes', () => {
  const { limits } = setup({});
  expect([served(limits, ANN, 'a'), limits.entered(ANN)]).toEqual([1_000, true]);
});

test('Many addresses do not make it grow without end, and those seen last are remembered', () => {
  const { limits } = setup({ ratePerAddress: 1 });
  expect(served(limits, ANN, 'a')).toBe(3);
  for (let index = 0; index < 9_000; index++) limits.takesRequest(`10.0.${index >> 8}.${index % 256}`, 'a');
  expect(served(limits, ANN, 'a')).toBe(0);
  for (let index = 0; index < 10_000; index++) limits.takesRequest(`10.1.${index >> 8}.${index % 256}`, 'a');
  expect(served(limits, ANN, 'a')).toBe(3);
});
