import { FIRST_REQUEST_TIMEOUT_MS } from '../../../api/protocol/limits.ts';
import { LOGS_PROTOCOL } from '../../../api/protocol/protocols.ts';
import { type Forgery, forge } from '../../../test/support/rpc-forge.ts';
import { logLine } from '../../../test/support/rpc-log-file.ts';
import { type Peers, startPeers } from '../../../test/support/rpc-peers.ts';
import { serveLogs } from '../../../test/support/rpc-serve-logs.ts';
import { developerOf } from '../../../test/support/rpc-stream.ts';
import { FrameReader } from './frames.ts';
import { decodeJson } from './json.ts';

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

describe('a request for logs', () => {
  async function outcome(forgery: Forgery): Promise<unknown> {
    const { developer, provider, clock } = peers;
    const channel = await developer.transport.open(provider.identity.peerID, LOGS_PROTOCOL, stopping.signal);
    await channel.write(
      await forge(developerOf(peers), { ...forgery, claims: { verb: 'logs', ...forgery.claims } }),
    );
    const frame = await new FrameReader({ channel, clock }, { maxBytes: 100_000 })
      .read()
      .catch(() => undefined);
    return frame ? decodeJson(frame) : 'dropped';
  }

  beforeEach(() =>
    serveLogs(
      peers,
      async function* () {
        yield logLine(1, 'hello');
      },
      stopping.signal,
    ),
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
