import { eventually } from '../../../../test/support/eventually.ts';
import { FakeClock } from '../../../../test/support/fake-clock.ts';
import {
  endpoint,
  LOOPBACK,
  type Relay,
  startRelay,
  startTransport,
} from '../../../../test/support/transport-peers.ts';
import type { Libp2pTransport } from './transport.ts';

const PROTOCOL = '/test/silent/1.0.0';
const BEAT = 10_000;

describe('a connection through a wire that can fall silent', () => {
  let stop: AbortController;
  let clock: FakeClock;
  let relay: Relay;
  let client: Libp2pTransport;
  let server: Libp2pTransport;

  beforeEach(async () => {
    stop = new AbortController();
    clock = new FakeClock();
    const { signal } = stop;
    server = await startTransport({ signal, clock, listen: LOOPBACK });
    client = await startTransport({ signal, clock });
    relay = await startRelay(endpoint(server), signal);
    server.allow([{ peerID: client.peerID, addresses: [] }]);
    client.allow([{ peerID: server.peerID, addresses: [relay.address] }]);
  });

  afterEach(() => stop.abort());

  async function openBoth() {
    const accepted = Promise.withResolvers<Awaited<ReturnType<typeof client.open>>>();
    server.handle(PROTOCOL, async (channel) => accepted.resolve(channel));
    const near = await client.open(server.peerID, PROTOCOL, stop.signal);
    return [near, await accepted.promise] as const;
  }

  test('is given up by both sides after 30 s without a byte, and its channels break', async () => {
    const [near, far] = await openBoth();
    relay.silence();
    await clock.advance(3 * BEAT);
    await clock.advance(BEAT);
    await expect(near.read()).rejects.toMatchObject({ details: { cause: 'PeerUnreachable' } });
    await expect(far.read()).rejects.toMatchObject({ details: { cause: 'PeerUnreachable' } });
    expect([client.connections(), server.connections()]).toEqual([[], []]);
  });

  test('is kept for as long as keep-alives are answered, though nobody says anything', async () => {
    const [near, far] = await openBoth();
    for (let beat = 0; beat < 10; beat++) {
      const { answered } = relay;
      await clock.advance(BEAT);
      await eventually(() => expect(relay.answered).toBeGreaterThan(answered));
    }
    await far.write(new Uint8Array([1]));
    expect(await near.read()).toEqual(new Uint8Array([1]));
  });

  test('leaves no timer behind when it closes', async () => {
    await openBoth();
    expect(clock.pending).toBe(2);
    client.allow([]);
    await eventually(() => expect(clock.pending).toBe(0));
  });
});
