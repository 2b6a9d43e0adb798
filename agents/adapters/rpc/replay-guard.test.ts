import {
  ENVELOPE_LIFETIME_MS,
  MAX_CLOCK_SKEW_MS,
  MAX_NONCES_PER_PEER,
} from '../../../api/protocol/limits.ts';
import { FakeClock } from '../../../test/support/fake-clock.ts';
import { FakeLogger } from '../../../test/support/fake-logger.ts';
import { ALICE, BOB } from '../../../test/support/objects.ts';
import { MemoryReplayLog } from '../../../test/support/rpc-peers.ts';
import { ReplayGuard } from './replay-guard.ts';

const clock = new FakeClock();
const logger = new FakeLogger();
const stopping = new AbortController();
afterAll(() => stopping.abort());

async function startGuard(log = new MemoryReplayLog()): Promise<ReplayGuard> {
  const guard = new ReplayGuard({ clock, log, logger });
  await guard.start(stopping.signal);
  return guard;
}

const request = (nonce: string, iss = ALICE) => ({ iss, nonce, exp: clock.now() + ENVELOPE_LIFETIME_MS });
const replayed = { reason: 'Unauthorized', details: { cause: 'Replayed' } };

describe('ReplayGuard', () => {
  it('lets a request pass once', async () => {
    const guard = await startGuard();
    await guard.admit(request('one'));
    await expect(guard.admit(request('one'))).rejects.toMatchObject(replayed);
  });

  it('lets one of two pass that come together', async () => {
    const guard = await startGuard();
    const results = await Promise.allSettled([guard.admit(request('one')), guard.admit(request('one'))]);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
  });

  it('keeps peers apart', async () => {
    const guard = await startGuard();
    await guard.admit(request('one', ALICE));
    await guard.admit(request('one', BOB));
  });

  it('remembers across a restart', async () => {
    const log = new MemoryReplayLog();
    await (await startGuard(log)).admit(request('one'));
    await expect((await startGuard(log)).admit(request('one'))).rejects.toMatchObject(replayed);
  });

  it('refuses everything before it remembers', async () => {
    const guard = new ReplayGuard({ clock, log: new MemoryReplayLog(), logger });
    await expect(guard.admit(request('one'))).rejects.toMatchObject({ reason: 'ServiceUnavailable' });
  });

  it('remembers for as long as a request can be believed, and not longer', async () => {
    const log = new MemoryReplayLog();
    const guard = await startGuard(log);
    const first = request('one');
    await guard.admit(first);
    await clock.advance(ENVELOPE_LIFETIME_MS + MAX_CLOCK_SKEW_MS);
    await expect(guard.admit(first)).rejects.toMatchObject(replayed);
    await expect((await startGuard(log)).admit(first)).rejects.toMatchObject(replayed);
    await clock.advance(1);
    await (await startGuard(log)).admit(request('two'));
    expect(log.sightings.map(({ nonce }) => nonce)).toEqual(['two']);
  });

  it('refuses a peer that sends more than can be remembered, until the first are forgotten', async () => {
    const guard = await startGuard();
    for (let count = 0; count < MAX_NONCES_PER_PEER; count++) await guard.admit(request(`${count}`));
    await expect(guard.admit(request('more'))).rejects.toMatchObject({ reason: 'TooManyRequests' });
    await guard.admit(request('theirs', BOB));
    await clock.advance(ENVELOPE_LIFETIME_MS + MAX_CLOCK_SKEW_MS + 1);
    await guard.admit(request('more'));
  });

  it('compacts its log when most of it has expired', async () => {
    const log = new MemoryReplayLog();
    const guard = await startGuard(log);
    for (let count = 0; count < 10_000; count++) await guard.admit(request(`old-${count}`));
    await clock.advance(ENVELOPE_LIFETIME_MS + MAX_CLOCK_SKEW_MS + 1);
    for (let count = 0; count < 200; count++) await guard.admit(request(`new-${count}`));
    expect(log.sightings.length).toBeLessThan(1_000);
    await expect(guard.admit(request('new-0'))).rejects.toMatchObject(replayed);
  });

  it('refuses a request that it cannot record, and goes on when it can', async () => {
    const log = new MemoryReplayLog();
    const guard = await startGuard(log);
    const append = log.append.bind(log);
    log.append = () => Promise.reject(new Error('ENOSPC'));
    await expect(guard.admit(request('one'))).rejects.toMatchObject({ reason: 'ServiceUnavailable' });
    log.append = append;
    await guard.admit(request('two'));
    await expect(guard.admit(request('one'))).rejects.toMatchObject(replayed);
  });

  it('starts when its log cannot be compacted, and says so', async () => {
    const log = new MemoryReplayLog();
    log.replace = () => Promise.reject(new Error('ENOSPC'));
    await (await startGuard(log)).admit(request('one'));
    expect(logger.at('warn')).toMatchObject([{ message: 'compacting the replay log failed' }]);
  });
});
