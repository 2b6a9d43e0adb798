import { backOffMs, proofMs, restartOf } from './back-off.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const NOW = Date.UTC(2030, 0, 1);

function ended(backoffLevel: number, ranForMs = SECOND) {
  return { backoffLevel, createdAt: NOW - ranForMs, startedAt: NOW - ranForMs, finishedAt: NOW };
}

describe('back-off', () => {
  test.each([
    [0, 0],
    [1, 0],
    [2, 10 * SECOND],
    [3, 20 * SECOND],
    [4, 40 * SECOND],
    [5, 80 * SECOND],
    [6, 160 * SECOND],
    [7, 5 * MINUTE],
    [100, 5 * MINUTE],
  ])('after %i failures in a row it waits %i ms', (failures, delay) => {
    expect(backOffMs(failures)).toBe(delay);
  });

  test('a first crash is restarted at once, each further one later', () => {
    const delays: number[] = [];
    for (let level = 0, round = 0; round < 9; round++) {
      const restart = restartOf(ended(level), NOW);
      delays.push((restart.at - NOW) / SECOND);
      level = restart.backoffLevel;
    }
    expect(delays).toEqual([0, 10, 20, 40, 80, 160, 300, 300, 300]);
  });

  test('ten good minutes make the next crash the first', () => {
    expect(restartOf(ended(5, 10 * MINUTE), NOW)).toEqual({ at: NOW, backoffLevel: 1 });
    expect(restartOf(ended(5, 10 * MINUTE - 1), NOW)).toEqual({ at: NOW + 160 * SECOND, backoffLevel: 6 });
  });

  test('a container that could not start counts from its creation', () => {
    expect(restartOf({ backoffLevel: 1, createdAt: NOW }, NOW)).toEqual({
      at: NOW + 10 * SECOND,
      backoffLevel: 2,
    });
  });

  test('a clock that was set back does not lengthen the wait', () => {
    expect(restartOf(ended(1), NOW - 24 * 60 * MINUTE).at).toBe(NOW - 24 * 60 * MINUTE + 10 * SECOND);
  });

  test('only what has crashed before must prove itself', () => {
    expect(proofMs({ backoffLevel: 0 })).toBe(0);
    expect(proofMs({ backoffLevel: 1 })).toBe(10 * SECOND);
  });
});
