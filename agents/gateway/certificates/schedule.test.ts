import fc from 'fast-check';
import { renewalTime } from './schedule.ts';

const DAY_MS = 86_400_000;
const LIFE = { notBefore: 0, notAfter: 90 * DAY_MS };
const fraction = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

describe('the time of a renewal', () => {
  it('is after two thirds of a life, or up to a thirtieth of it earlier', () => {
    expect(renewalTime(LIFE, 0)).toBe(60 * DAY_MS);
    fc.assert(
      fc.property(fraction, (f) => {
        const days = renewalTime(LIFE, f) / DAY_MS;
        expect(days).toBeGreaterThan(57 - 1e-9);
        expect(days).toBeLessThanOrEqual(60);
      }),
    );
  });

  it('is within the window of the CA, and the same whenever it is asked for', () => {
    const window = { start: 10 * DAY_MS, end: 12 * DAY_MS };
    fc.assert(
      fc.property(fraction, (f) => {
        const time = renewalTime(LIFE, f, window);
        expect(time).toBeGreaterThanOrEqual(window.start);
        expect(time).toBeLessThanOrEqual(window.end);
        expect(renewalTime(LIFE, f, window)).toBe(time);
      }),
    );
  });
});
