import { running } from '../../test/envtest/deployment-samples.ts';
import { FakeClock } from '../../test/support/fake-clock.ts';
import { FakeLogger } from '../../test/support/fake-logger.ts';
import { Trigger } from '../core/source.ts';
import { Snapshot } from './snapshot.ts';
import { Terminator } from './terminator.ts';

/** Ends take a second per second of grace. */
function begin() {
  const clock = new FakeClock();
  const logger = new FakeLogger();
  const calls: string[] = [];
  const state = { fails: false };
  const act = (verb: string) => async (name: string, grace: number) => {
    calls.push(`${verb} ${name} ${grace}`);
    if (state.fails) throw new Error('device busy');
    await new Promise<void>((resolve) => clock.after(grace * 1_000, resolve));
  };
  const trigger = new Trigger<'Deployment'>();
  const hints: string[] = [];
  void trigger.start(({ name }) => hints.push(name), new AbortController().signal);
  const snapshot = new Snapshot({ runtime: { list: async () => [] }, clock });
  const runtime = { stop: act('stop'), remove: act('remove') };
  return {
    clock,
    logger,
    calls,
    hints,
    state,
    terminator: new Terminator({ runtime, snapshot, trigger, clock, logger }),
  };
}

test('it tells when it is over, and until then that it is under way', async () => {
  const { clock, calls, hints, terminator } = begin();
  terminator.end('Remove', running(0), 10);
  expect(terminator.of('web-0-new-0').terminating).toEqual({ gracePeriodSeconds: 10 });
  await clock.advance(9_999);
  expect(hints).toEqual([]);
  await clock.advance(1);
  expect(terminator.of('web-0-new-0').terminating).toBeUndefined();
  expect([calls, hints]).toEqual([['remove web-0-new-0 10'], ['web']]);
});

test('the same again changes nothing, a shorter grace period hurries it', async () => {
  const { clock, calls, terminator } = begin();
  terminator.end('Remove', running(0), 600);
  terminator.end('Remove', running(0), 600);
  terminator.end('Remove', running(0), 1);
  expect(calls).toEqual(['remove web-0-new-0 600', 'remove web-0-new-0 1']);
  await clock.advance(1_000);
  expect(terminator.of('web-0-new-0').terminating).toBeUndefined();
});

test('what is hurried ends once, and is told once', async () => {
  const { clock, logger, terminator } = begin();
  terminator.end('Stop', running(0), 60);
  terminator.end('Remove', running(0), 1);
  await clock.advance(60_000);
  expect(logger.lines.map(({ message }) => message)).toEqual(['Removed container']);
});

test('one that is slow holds up nobody', async () => {
  const { clock, hints, terminator } = begin();
  terminator.end('Stop', running(0), 3_600);
  terminator.end('Remove', running(0, { deployment: 'db', name: 'db-0' }), 1);
  await clock.advance(1_000);
  expect(hints).toEqual(['db']);
});

test('a failure is remembered with the time of the next attempt, until it succeeds', async () => {
  const { clock, state, terminator } = begin();
  state.fails = true;
  terminator.end('Remove', running(0), 0);
  await clock.settle();
  expect(terminator.of('web-0-new-0').terminationFailure).toMatchObject({
    message: 'device busy',
    retryAt: clock.now() + 10_000,
  });
  state.fails = false;
  terminator.end('Remove', running(0), 0);
  await clock.advance(0);
  await clock.advance(1);
  expect(terminator.of('web-0-new-0').terminationFailure).toBeUndefined();
});
