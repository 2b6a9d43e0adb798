import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '../../../test/support/eventually.ts';
import { systemClock } from './clock.ts';

describe('systemClock', () => {
  it('tells the time of this machine', () => {
    const before = Date.now();
    expect(systemClock.now()).toBeGreaterThanOrEqual(before);
    expect(systemClock.now()).toBeLessThanOrEqual(Date.now());
  });

  it('calls back, unless that was cancelled', async () => {
    const seen: string[] = [];
    systemClock.after(0, () => seen.push('cancelled'))();
    systemClock.after(1, () => seen.push('kept'));
    await eventually(() => expect(seen).toEqual(['kept']));
  });

  it('can wait longer than a timer of Node can', async () => {
    let called = false;
    const cancel = systemClock.after(2 ** 31, () => {
      called = true;
    });
    await sleep(5);
    expect(called).toBe(false);
    cancel();
  });
});
