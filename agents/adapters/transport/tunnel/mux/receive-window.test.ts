import { FakeClock } from '../../../../../test/support/fake-clock.ts';
import { MemoryBudget } from './memory-budget.ts';
import { ReceiveWindow } from './receive-window.ts';

const KiB = 1024;
const MiB = 1024 * KiB;
const ROUND_TRIP_MS = 50;

function setup({ maxBytes = 8 * MiB, budgetBytes = 64 * MiB } = {}) {
  const clock = new FakeClock();
  const budget = new MemoryBudget({ bytes: budgetBytes });
  const window = new ReceiveWindow({ clock, budget }, { maxBytes });
  /** Receives and reads all there is credit for, a round trip each time; answers the credit of the last. */
  const use = async (rounds: number, milliseconds = ROUND_TRIP_MS) => {
    let credit = 16 * KiB + window.grant(0, ROUND_TRIP_MS);
    for (let round = 0; round < rounds; round++) {
      await clock.advance(milliseconds);
      window.received(credit);
      credit = window.grant(0, ROUND_TRIP_MS);
    }
    return credit;
  };
  return { clock, budget, window, use };
}

test('it begins with 256 KiB, of which 16 are known without asking', () => {
  expect(setup().window.grant(0, ROUND_TRIP_MS)).toBe(240 * KiB);
});

test('it gives credit again only for what was read, and not for every little', () => {
  const { window } = setup();
  window.grant(0, ROUND_TRIP_MS);
  window.received(256 * KiB);
  expect(window.grant(256 * KiB, ROUND_TRIP_MS)).toBe(0);
  expect(window.grant(200 * KiB, ROUND_TRIP_MS)).toBe(0);
  expect(window.grant(192 * KiB, ROUND_TRIP_MS)).toBe(64 * KiB);
  expect(window.grant(192 * KiB, ROUND_TRIP_MS)).toBe(0);
});

test('one byte more than the credit is refused', () => {
  const { window } = setup();
  window.received(16 * KiB);
  expect(() => window.received(1)).toThrow(expect.objectContaining({ reason: 'ProtocolError' }));
});

test('it grows while it is used up within two round trips, up to its limit', async () => {
  expect(await setup().use(3)).toBe(2 * MiB);
  expect(await setup({ maxBytes: 1 * MiB }).use(10)).toBe(1 * MiB);
});

test('it does not grow for a sender or a reader that is slow', async () => {
  expect(await setup().use(10, 3 * ROUND_TRIP_MS)).toBe(256 * KiB);
});

test('all windows of a connection share what there is, and nobody gets less than 16 KiB', () => {
  const { clock } = setup();
  const budget = new MemoryBudget({ bytes: 1 * MiB });
  const windows = Array.from(
    { length: 200 },
    () => new ReceiveWindow({ clock, budget }, { maxBytes: 8 * MiB }),
  );
  const credits = windows.map((window) => window.grant(0, ROUND_TRIP_MS));
  expect(credits[0]).toBe(128 * KiB);
  expect(credits.reduce((sum, credit) => sum + credit, 0)).toBeLessThanOrEqual(1 * MiB);
  expect(Math.min(...credits)).toBe(0);
  for (const window of windows) window.release();
  expect(budget.take(128 * KiB)).toBe(128 * KiB);
});
