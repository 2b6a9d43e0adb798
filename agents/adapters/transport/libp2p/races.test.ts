import { multiaddr } from '@multiformats/multiaddr';
import { eventually } from '../../../../test/support/eventually.ts';
import { FakeClock } from '../../../../test/support/fake-clock.ts';
import {
  LOOPBACK,
  type RawPeer,
  startRawPeer,
  startTransport,
} from '../../../../test/support/transport-peers.ts';
import type { Libp2pTransport } from './transport.ts';

describe('while a connection is being made', () => {
  let stop: AbortController;
  let server: Libp2pTransport;
  let peer: RawPeer;

  beforeEach(async () => {
    stop = new AbortController();
    peer = await startRawPeer(stop.signal);
  });

  afterEach(() => stop.abort());

  const dial = () => peer.node.dial(server.addresses().map(multiaddr));
  const trust = () => server.allow([{ peerID: peer.node.peerId.toString(), addresses: [] }]);

  test('trust can be withdrawn even after the gater has let it pass', async () => {
    const clock = new FakeClock();
    server = await startTransport({ signal: stop.signal, listen: LOOPBACK, clock });
    trust();
    // The muxer starts its keep-alive between the gater's word and the announcement.
    clock.after = () => {
      server.allow([]);
      return () => undefined;
    };
    await dial().catch(() => undefined);
    await eventually(() => expect(peer.node.getConnections()).toEqual([]));
    expect(server.connections()).toEqual([]);
  });

  test('it can be lost before it is announced, and is then never taken for open', async () => {
    const changes: number[] = [];
    server = await startTransport({ signal: stop.signal, listen: LOOPBACK, limits: { keepAliveMisses: 0 } });
    trust();
    server.onConnectionChange(() => changes.push(server.connections().length));
    await dial().catch(() => undefined);
    await eventually(() => expect(peer.node.getConnections()).toEqual([]));
    expect({ changes, connections: server.connections() }).toEqual({ changes: [], connections: [] });
  });
});
