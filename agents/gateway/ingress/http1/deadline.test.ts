import { FakeClock } from '../../../../test/support/fake-clock.ts';
import { Deadline } from './deadline.ts';

let clock: FakeClock;
let timers: number;
let expired: number;
let deadline: Deadline;

beforeEach(() => {
  clock = new FakeClock();
  timers = 0;
  expired = 0;
  const counting = {
    now: () => clock.now(),
    after: (milliseconds: number, callback: () => void) => {
      timers++;
      return clock.after(milliseconds, callback);
    },
  };
  deadline = new Deadline(counting, () => expired++);
});

describe('a deadline', () => {
  it('expires once', async () => {
    deadline.move(100);
    await clock.advance(99);
    expect(expired).toBe(0);
    await clock.advance(1000);
    expect(expired).toBe(1);
  });

  it('moves away without a timer', async () => {
    for (let step = 0; step < 100; step++) {
      deadline.move(100);
      await clock.advance(1);
    }
    expect(timers).toBeLessThan(3);
    await clock.advance(98);
    expect(expired).toBe(0);
    await clock.advance(1);
    expect(expired).toBe(1);
  });

  it('comes nearer', async () => {
    deadline.move(1000);
    deadline.move(10);
    await clock.advance(10);
    expect(expired).toBe(1);
    await clock.advance(1000);
    expect(expired).toBe(1);
  });

  it('stays where it is fixed until it is released', async () => {
    deadline.fix(100);
    deadline.move(1000);
    await clock.advance(100);
    expect(expired).toBe(1);
    deadline.release();
    deadline.move(100);
    await clock.advance(100);
    expect(expired).toBe(2);
  });

  it('leaves no timer when it is cancelled', () => {
    deadline.move(100);
    deadline.cancel();
    deadline.move(100);
    expect(clock.pending).toBe(0);
  });
});
