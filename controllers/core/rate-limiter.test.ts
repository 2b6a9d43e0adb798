import fc from 'fast-check';
import { backoffMs, jitter, RateLimiter } from './rate-limiter.ts';

describe('backoffMs', () => {
  it.each([
    [0, 100],
    [1, 100],
    [2, 200],
    [3, 400],
    [4, 800],
    [5, 1_000],
    [2_000, 1_000],
  ])('after %i failures in a row is %i ms', (failures, expected) => {
    expect(backoffMs({ baseMs: 100, capMs: 1_000 }, failures)).toBe(expected);
  });
});

describe('jitter', () => {
  it('is between half of a delay and all of it', () => {
    const delay = fc.integer({ min: 0, max: 1e9 });
    const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    fc.assert(
      fc.property(delay, random, (ms, chance) => {
        expect(jitter(ms, chance)).toBeGreaterThanOrEqual(ms / 2);
        expect(jitter(ms, chance)).toBeLessThanOrEqual(ms);
      }),
    );
  });
});

describe('RateLimiter', () => {
  it('counts the failures of each key by themselves', () => {
    const limiter = new RateLimiter({ baseMs: 100, capMs: 1_000 });
    expect([limiter.when('a'), limiter.when('a'), limiter.when('b')]).toEqual([100, 200, 100]);
    limiter.forget('a');
    expect([limiter.when('a'), limiter.when('b')]).toEqual([100, 200]);
  });
});
