import { FakeClock } from '../../test/support/fake-clock.ts';
import { deadline, onAbort, runTogether, sleep, unlessAborted } from './abort.ts';

function never(): Promise<never> {
  return new Promise(() => undefined);
}

describe('onAbort', () => {
  it('calls back at once for a signal that has ended, and not at all after it was unsubscribed', () => {
    const stop = new AbortController();
    const seen: string[] = [];
    onAbort(stop.signal, () => seen.push('kept'));
    onAbort(stop.signal, () => seen.push('removed'))();
    stop.abort();
    onAbort(stop.signal, () => seen.push('late'));
    expect(seen).toEqual(['kept', 'late']);
  });
});

describe('sleep', () => {
  it('lasts as long as it should', async () => {
    const clock = new FakeClock();
    let awake = false;
    void sleep(clock, 100, new AbortController().signal).then(() => {
      awake = true;
    });
    await clock.advance(99);
    expect(awake).toBe(false);
    await clock.advance(1);
    expect(awake).toBe(true);
  });

  it('ends with the signal, and leaves no timer', async () => {
    const clock = new FakeClock();
    const stop = new AbortController();
    const asleep = sleep(clock, 100, stop.signal);
    stop.abort();
    await asleep;
    expect(clock.pending).toBe(0);
  });
});

describe('unlessAborted', () => {
  it('settles as the promise does', async () => {
    const { signal } = new AbortController();
    expect(await unlessAborted(Promise.resolve('web'), signal)).toBe('web');
    await expect(unlessAborted(Promise.reject(new Error('no')), signal)).rejects.toThrow('no');
  });

  it('does not wait longer than the signal', async () => {
    const stop = new AbortController();
    const waiting = unlessAborted(never(), stop.signal);
    stop.abort(new Error('the end'));
    await expect(waiting).rejects.toThrow('the end');
  });
});

describe('deadline', () => {
  it.each<[what: string, end: (clock: FakeClock, parent: AbortController) => unknown, reason: string]>([
    ['the time', (clock) => clock.advance(100), 'too late'],
    ['its parent', (_, parent) => parent.abort(new Error('the end')), 'the end'],
  ])('ends with %s', async (_, end, reason) => {
    const clock = new FakeClock();
    const parent = new AbortController();
    const limit = deadline(clock, parent.signal, 100, () => new Error('too late'));
    expect(limit.signal.aborted).toBe(false);
    await end(clock, parent);
    expect(limit.signal.reason).toEqual(new Error(reason));
    limit.release();
    expect(clock.pending).toBe(0);
  });
});

describe('runTogether', () => {
  it('ends everything with the signal', async () => {
    const clock = new FakeClock();
    const stop = new AbortController();
    const part = (signal: AbortSignal) => sleep(clock, 1e9, signal);
    const running = runTogether(stop.signal, [part, part]);
    stop.abort();
    await running;
    expect(clock.pending).toBe(0);
  });

  it('ends the others when one fails, waits for them, and fails with its error', async () => {
    const clock = new FakeClock();
    const ended: string[] = [];
    const good = async (signal: AbortSignal) => {
      await sleep(clock, 1e9, signal);
      await Promise.resolve();
      ended.push('good');
    };
    const bad = () => Promise.reject(new Error('no such directory'));
    await expect(runTogether(new AbortController().signal, [good, bad])).rejects.toThrow('no such directory');
    expect(ended).toEqual(['good']);
    expect(clock.pending).toBe(0);
  });
});
