import { age, formatDuration } from './age.ts';

const [SECOND, MINUTE, HOUR, DAY] = [1000, 60_000, 3_600_000, 86_400_000];

describe('formatDuration', () => {
  it.each([
    [0, '0s'],
    [999, '0s'],
    [45 * SECOND, '45s'],
    [119 * SECOND, '119s'],
    [2 * MINUTE, '2m'],
    [3 * MINUTE + 20 * SECOND, '3m20s'],
    [12 * MINUTE + 20 * SECOND, '12m'],
    [3 * HOUR, '3h'],
    [3 * HOUR + 5 * MINUTE, '3h5m'],
    [9 * HOUR + 5 * MINUTE, '9h'],
    [47 * HOUR, '47h'],
    [2 * DAY + 3 * HOUR, '2d3h'],
    [400 * DAY, '400d'],
    [3 * 365 * DAY + 4 * DAY, '3y4d'],
    [9 * 365 * DAY, '9y'],
    [-500, '0s'],
    [-2 * SECOND, '<invalid>'],
    [Number.NaN, '<unknown>'],
  ])('writes %d ms as %s', (milliseconds, text) => {
    expect(formatDuration(milliseconds)).toBe(text);
  });
});

describe('age', () => {
  it('counts from a time to now', () => {
    expect(age('2030-01-01T00:00:00Z', Date.parse('2030-01-01T00:00:30Z'))).toBe('30s');
  });

  it('is unknown without a time, or with nonsense for one', () => {
    expect([age(undefined, 0), age('yesterday', 0)]).toEqual(['<unknown>', '<unknown>']);
  });
});
