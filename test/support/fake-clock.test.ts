import { FakeClock } from './fake-clock.ts';

describe('FakeClock', () => {
  it('calls back in order of time, then in the order in which it was asked', async () => {
    const clock = new FakeClock();
    const seen: string[] = [];
    clock.after(20, () => seen.push('c'));
    clock.after(10, () => seen.push('a'));
    clock.after(10, () => seen.push('b'));
    await clock.advance(20);
    expect(seen).toEqual(['a', 'b', 'c']);
  });

  it('shows each callback its own time, and counts timers that come of it', async () => {
    const clock = new FakeClock(0);
    const seen: number[] = [];
    const again = () => {
      seen.push(clock.now());
      if (seen.length < 3) void Promise.resolve().then(() => clock.after(10, again));
    };
    clock.after(10, again);
    await clock.advance(25);
    expect(seen).toEqual([10, 20]);
    expect({ now: clock.now(), next: clock.next, pending: clock.pending }).toEqual({
      now: 25,
      next: 30,
      pending: 1,
    });
  });

  it('forgets what was cancelled', async () => {
    const clock = new FakeClock();
    const cancel = clock.after(10, () => {
      throw new Error('called back');
    });
    cancel();
    await clock.advance(10);
    expect(clock.pending).toBe(0);
  });
});
