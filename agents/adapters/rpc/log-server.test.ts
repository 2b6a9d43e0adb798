import { FIRST_REQUEST_TIMEOUT_MS } from '../../../api/protocol/limits.ts';
import type { LogQuery, RemoteLogLine } from '../../../api/protocol/log-messages.ts';
import { LOGS_PROTOCOL } from '../../../api/protocol/protocols.ts';
import { type Forgery, forge } from '../../../test/support/rpc-forge.ts';
import { logLine } from '../../../test/support/rpc-log-file.ts';
import { MemoryReplayLog, type Peers, startPeers } from '../../../test/support/rpc-peers.ts';
import { FrameReader } from './frames.ts';
import { decodeJson } from './json.ts';
import { LogServer } from './log-server.ts';
import { ReplayGuard } from './replay-guard.ts';

const _WEB = { namespace: 'default', name: 'web' };

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

/** Serves these lines for every query. */
async function serve(
  open: (owner: string, query: LogQuery, signal: AbortSignal) => AsyncIterable<RemoteLogLine>,
) {
  const { clock, logger, provider } = peers;
  const replayGuard = new ReplayGuard({ clock, logger, log: new MemoryReplayLog() });
  await replayGuard.start(stopping.signal);
  await new LogServer({ ...provider, clock, logger, replayGuard, open }, { version: '0.1.0' }).start(
    stopping.signal,
  );
}

describe('a request for logs', () => {
  async function outcome(forgery: Forgery): Promise<unknown> {
    const { developer, provider, clock } = peers;
    const channel = await developer.transport.open(provider.identity.peerID, LOGS_PROTOCOL, stopping.signal);
    const sender = { identity: developer.identity, audience: provider.identity.peerID, now: clock.now() };
    await channel.write(await forge(sender, { ...forgery, claims: { verb: 'logs', ...forgery.claims } }));
    const frame = await new FrameReader({ channel, clock }, { maxBytes: 100_000 })
      .read()
      .catch(() => undefined);
    return frame ? decodeJson(frame) : 'dropped';
  }

  beforeEach(() =>
    serve(async function* () {
      yield logLine(1, 'hello');
    }),
  );

  it('is answered', async () => {
    expect(await outcome({})).toMatchObject({ type: 'lines' });
  });

  it.each<[string, Forgery, string]>([
    ['expired', { claims: { iat: 0, exp: 1 } }, 'MessageExpired'],
    ['out of sequence', { claims: { seq: 1 } }, 'OutOfSequence'],
    ['with another body', { sentBody: Buffer.from('{"all":true}') }, 'BodyChanged'],
  ])('that is %s is refused', async (_, forgery, cause) => {
    expect(await outcome(forgery)).toMatchObject({ type: 'error', error: { details: { cause } } });
  });

  it.each<[string, Forgery]>([
    ['for something else', { claims: { verb: 'get' } }],
    ['of another kind', { claims: { kind: 'Event' } }],
    ['without a namespace', { claims: { namespace: undefined } }],
    ['with a member that nobody knows', { body: { shiny: true } }],
    ['with a tail that is no number', { body: { tail: -1 } }],
  ])('%s is a BadRequest', async (_, forgery) => {
    expect(await outcome(forgery)).toMatchObject({ type: 'error', error: { reason: 'BadRequest' } });
  });

  it('that is no request costs the stream', async () => {
    expect(await outcome({ domain: 'elsewhere' })).toBe('dropped');
  });

  it('that does not come is not waited for', async () => {
    const { developer, provider, clock } = peers;
    const channel = await developer.transport.open(provider.identity.peerID, LOGS_PROTOCOL, stopping.signal);
    await clock.advance(FIRST_REQUEST_TIMEOUT_MS);
    await channel.closed;
  });
});
