import { FakeClock } from '../../test/support/fake-clock.ts';
import { Pace } from './pace.ts';

const { signal } = new AbortController();

describe('Pace', () => {
  it('lets so many happen in a second, and the next in the next one', async () => {
    const clock = new FakeClock();
    const pace = new Pace({ clock }, { perSecond: 3 });
    const started = clock.now();
    const times: number[] = [];
    const going = (async () => {
      for (let count = 0; count < 8; count++) {
        times.push(clock.now() - started);
        await pace.keep(signal);
      }
    })();
    await clock.advance(5_000);
    await going;
    expect(times).toEqual([0, 0, 0, 1_000, 1_000, 1_000, 2_000, 2_000]);
  });

  it('waits no longer than a second when the clock is set back, and not at all once the signal ends', async () => {
    const clock = new FakeClock();
    const pace = new Pace({ clock: { now: () => time, after: clock.after.bind(clock) } }, { perSecond: 2 });
    let time = 3_600_000;
    await pace.keep(signal);
    time = 0;
    await pace.keep(signal);
    const held = pace.keep(signal);
    expect(clock.next).toBe(clock.now() + 1_000);
    await clock.advance(1_000);
    await held;
    await pace.keep(AbortSignal.abort());
    expect(clock.pending).toBe(0);
  });
});
