import { FakeClock } from '../../../../../test/support/fake-clock.ts';
import { Heartbeat } from './heartbeat.ts';

function setUp() {
  const clock = new FakeClock();
  const engine = { pings: 0, failure: undefined as Error | undefined };
  const ping = async () => {
    engine.pings++;
    if (engine.failure) throw engine.failure;
  };
  return { clock, engine, heartbeat: new Heartbeat({ clock, ping }, { intervalMilliseconds: 100 }) };
}

describe('Heartbeat', () => {
  it('pings once in each interval, for however many wait', async () => {
    const { clock, engine, heartbeat } = setUp();
    heartbeat.attend();
    heartbeat.attend();
    await clock.advance(350);
    expect(engine.pings).toBe(3);
  });

  it('rests while nobody waits', async () => {
    const { clock, engine, heartbeat } = setUp();
    heartbeat.attend()[Symbol.dispose]();
    await clock.advance(1_000);
    expect({ pings: engine.pings, pending: clock.pending }).toEqual({ pings: 0, pending: 0 });
    heartbeat.attend();
    await clock.advance(100);
    expect(engine.pings).toBe(1);
  });

  it('ends every wait with the reason when the engine does not answer, and serves the next', async () => {
    const { clock, engine, heartbeat } = setUp();
    engine.failure = new Error('gone');
    const waits = [heartbeat.attend(), heartbeat.attend()];
    await clock.advance(100);
    expect(waits.map(({ signal }) => signal.reason)).toEqual([engine.failure, engine.failure]);
    engine.failure = undefined;
    const next = heartbeat.attend();
    await clock.advance(500);
    expect(next.signal.aborted).toBe(false);
  });
});
