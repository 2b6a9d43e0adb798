import { setImmediate as tick } from 'node:timers/promises';
import { inParallel } from './in-parallel.ts';

const ITEMS = Array.from({ length: 20 }, (_, index) => index);

describe('inParallel', () => {
  it('answers in order, and never has more under way than allowed', async () => {
    let underWay = 0;
    let most = 0;
    const doubled = await inParallel(3, ITEMS, async (item) => {
      most = Math.max(most, ++underWay);
      for (let ticks = item % 4; ticks >= 0; ticks--) await tick();
      underWay--;
      return item * 2;
    });
    expect(doubled).toEqual(ITEMS.map((item) => item * 2));
    expect(most).toBe(3);
  });

  it('fails with the first failure and begins no more', async () => {
    let begun = 0;
    const work = async (item: number) => {
      begun++;
      await tick();
      if (item === 4) throw new Error('four');
    };
    await expect(inParallel(2, ITEMS, work)).rejects.toThrow('four');
    expect(begun).toBeLessThanOrEqual(6);
  });

  it('has nothing to do for nothing', async () => {
    expect(await inParallel(2, [], tick)).toEqual([]);
  });
});
