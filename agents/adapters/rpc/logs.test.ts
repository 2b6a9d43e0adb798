import { setImmediate } from 'node:timers/promises';
import { StatusError } from '../../../api/meta/status-error.ts';
import { LOG_RESUME_TIMEOUT_MS } from '../../../api/protocol/limits.ts';
import type { LogQuery, RemoteLogLine } from '../../../api/protocol/log-messages.ts';
import { LOGS_PROTOCOL } from '../../../api/protocol/protocols.ts';
import { eventually } from '../../../test/support/eventually.ts';
import { GrowingLog, logLine } from '../../../test/support/rpc-log-file.ts';
import { type Peers, startPeers } from '../../../test/support/rpc-peers.ts';
import { type OpenLogs, serveLogs } from '../../../test/support/rpc-serve-logs.ts';
import { encodeFrame } from './frames.ts';
import { encodeJson } from './json.ts';
import { readLogs } from './logs.ts';

const WEB = { namespace: 'default', name: 'web' };

let peers: Peers;
let stopping: AbortController;
beforeEach(async () => {
  peers = await startPeers();
  stopping = new AbortController();
});
afterEach(() => {
  stopping.abort();
  peers.stop();
});

const serve = (open: OpenLogs) => serveLogs(peers, open, stopping.signal);

/** Reads in the background. */
function read(query: Partial<LogQuery> = {}) {
  const { developer, provider, clock } = peers;
  const abort = new AbortController();
  const lines: RemoteLogLine[] = [];
  const lost: Error[] = [];
  const ended = (async () => {
    const onLost = (error: Error) => void lost.push(error);
    const peerID = provider.identity.peerID;
    for await (const line of readLogs(
      { ...developer, clock },
      peerID,
      { ...WEB, ...query },
      abort.signal,
      onLost,
    ))
      lines.push(line);
  })();
  return { lines, lost, ended, stop: () => abort.abort() };
}

const cut = () => peers.network.cut(peers.developer.identity.peerID, peers.provider.identity.peerID);
const heal = () => peers.network.heal(peers.developer.identity.peerID, peers.provider.identity.peerID);

const numbered = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, index) => logLine(from + index, `line ${from + index}`));

describe('reading logs', () => {
  it('asks for what the caller asked for, in the name of the caller', async () => {
    const asked: unknown[] = [];
    await serve(async function* (owner, query) {
      asked.push(owner, query);
      yield* [logLine(1, 'hello'), logLine(2, 'world', { stream: 'stderr' })];
    });
    const query = { replica: 'web-0', previous: true, tail: 10, since: '17', all: false, follow: false };
    const reader = read(query);
    await reader.ended;
    expect(reader.lines).toEqual([logLine(1, 'hello'), logLine(2, 'world', { stream: 'stderr' })]);
    expect(asked).toEqual([peers.developer.identity.peerID, { ...WEB, ...query }]);
    expect(peers.clock.pending).toBe(0);
  });

  it('ends with the reason that the peer gives, after the lines before it', async () => {
    await serve(async function* () {
      yield logLine(1, 'hello');
      throw new StatusError('Forbidden', 'your grant does not cover logs', { cause: 'NotGranted' });
    });
    const reader = read();
    await expect(reader.ended).rejects.toMatchObject({
      reason: 'Forbidden',
      details: { cause: 'NotGranted' },
    });
    expect(reader.lines).toHaveLength(1);
  });

  it('does not show an error that was not meant for the peer', async () => {
    await serve(() => {
      throw new TypeError('secret path');
    });
    await expect(read().ended).rejects.toMatchObject({
      reason: 'InternalError',
      message: expect.not.stringContaining('secret'),
    });
    expect(peers.logger.at('error')).toMatchObject([{ message: 'reading logs failed' }]);
  });

  it('says at once when the peer cannot be reached', async () => {
    cut();
    await expect(read({ follow: true }).ended).rejects.toMatchObject({
      details: { cause: 'PeerUnreachable' },
    });
  });

  it('stops the source when the reader leaves', async () => {
    const log = new GrowingLog();
    const signals: AbortSignal[] = [];
    await serve((owner, query, signal) => {
      signals.push(signal);
      return log.open(owner, query, signal);
    });
    const reader = read({ follow: true });
    log.write(logLine(1, 'hello'));
    await eventually(() => expect(reader.lines).toHaveLength(1));
    reader.stop();
    await reader.ended;
    await eventually(() => expect(signals[0]?.aborted).toBe(true));
  });

  it('slows the source down to the speed of the reader', async () => {
    let pulled = 0;
    await serve(async function* (_owner, _query, signal) {
      for (; !signal.aborted; pulled++) yield logLine(pulled, 'x'.repeat(1_000));
    });
    const { developer, provider, clock } = peers;
    const lines = readLogs(
      { ...developer, clock },
      provider.identity.peerID,
      WEB,
      new AbortController().signal,
    );
    await lines.next();
    let before = -1;
    await eventually(() => {
      const still = pulled === before;
      before = pulled;
      return still;
    });
    // The window of the channel, the frame that waits for it, and the one that is being read.
    expect(pulled).toBeLessThan(400);
    await lines.return(undefined);
  });
});

describe('following logs over a stream that breaks', () => {
  it('loses and repeats nothing', async () => {
    const log = new GrowingLog();
    await serve((...args) => log.open(...args));
    log.write(...numbered(0, 500));
    const reader = read({ follow: true });
    for (let round = 1; round <= 5; round++) {
      await eventually(() => expect(reader.lines).toHaveLength(500 * round));
      cut();
      log.write(...numbered(500 * round, 500 * round + 500));
      await eventually(() => expect(reader.lost).toHaveLength(round));
      heal();
      await peers.clock.advance(5_000);
    }
    await eventually(() => expect(reader.lines).toHaveLength(3_000));
    expect(reader.lines.map(({ text }) => text)).toEqual(log.lines.map(({ text }) => text));
    reader.stop();
    await reader.ended;
  });

  it('shows the lines of a tail once', async () => {
    const log = new GrowingLog();
    await serve((...args) => log.open(...args));
    log.write(...numbered(0, 100));
    const reader = read({ follow: true, tail: 3 });
    await eventually(() => expect(reader.lines).toHaveLength(3));
    cut();
    log.write(...numbered(100, 110));
    await eventually(() => expect(reader.lost).toHaveLength(1));
    heal();
    await peers.clock.advance(5_000);
    await eventually(() =>
      expect(reader.lines.map(({ text }) => text)).toEqual(numbered(97, 110).map(({ text }) => text)),
    );
    reader.stop();
    await reader.ended;
  });

  it('lives through many breaks, but gives up a peer that stays away', async () => {
    const log = new GrowingLog();
    await serve((...args) => log.open(...args));
    const reader = read({ follow: true });
    const ended = expect(reader.ended).rejects.toMatchObject({ details: { cause: 'PeerUnreachable' } });
    log.write(logLine(1, 'hello'));
    await eventually(() => expect(reader.lines).toHaveLength(1));
    cut();
    await eventually(() => expect(reader.lost).toHaveLength(1));
    await peers.clock.advance(LOG_RESUME_TIMEOUT_MS - 10_000);
    heal();
    await peers.clock.advance(10_000);
    log.write(logLine(2, 'still here'));
    await eventually(() => expect(reader.lines).toHaveLength(2));
    cut();
    await eventually(() => peers.clock.pending > 0);
    await peers.clock.advance(LOG_RESUME_TIMEOUT_MS + 10_000);
    await ended;
    expect(peers.clock.pending).toBe(0);
  });
});

describe('a peer that sends no log lines', () => {
  it.each<[string, Uint8Array]>([
    ['noise', encodeFrame(Uint8Array.of(0xff, 0xfe))],
    ['a line without a time', lines({ container: 'c', stream: 'stdout', timestamp: 'now', text: '' })],
    ['a time that is none', lines({ ...logLine(1, ''), timestamp: '9999-99-99T99:99:99Z' })],
    ['a line that is too long', lines(logLine(1, 'x'.repeat(20_000)))],
    ['a frame that is too large', Uint8Array.of(0x7f, 0, 0, 0)],
  ])('but %s is not believed', async (_, bytes) => {
    peers.provider.transport.handle(LOGS_PROTOCOL, async (channel) => {
      await channel.read();
      await channel.write(bytes);
      await channel.close();
      await setImmediate();
    });
    await expect(read().ended).rejects.toMatchObject({
      details: { cause: expect.stringMatching(/^(IncompatibleVersion|BadFrame)$/) },
    });
  });

  function lines(...all: object[]): Uint8Array {
    return encodeFrame(encodeJson({ type: 'lines', lines: all }));
  }
});
