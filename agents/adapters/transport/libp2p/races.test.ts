import { multiaddr } from '@multiformats/multiaddr';
import { eventually } from '../../../../test/support/eventually.ts';
import { LOOPBACK, type RawPeer, startRawPeer, startTransport } from './test-peers.ts';
import type { Libp2pTransport } from './transport.ts';

describe('what happens while a connection is being made', () => {
  let stop: AbortController;
  let server: Libp2pTransport;
  let peer: RawPeer;

  beforeEach(async () => {
    stop = new AbortController();
    const limits = { maxInboundPerSecondPerHost: 1000 };
    server = await startTransport({ signal: stop.signal, listen: LOOPBACK, limits });
    peer = await startRawPeer(stop.signal);
    trust();
  });

  afterEach(() => stop.abort());

  const trust = () => server.allow([{ peerID: peer.node.peerId.toString(), addresses: [] }]);

  const dial = () => peer.node.dial(server.addresses().map(multiaddr), { force: true });

  test('trust that is withdrawn in the middle of it is withdrawn', async () => {
    for (let turns = 0; turns < 25; turns++) {
      trust();
      const dialled = dial().catch(() => undefined);
      for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve));
      server.allow([]);
      await dialled;
      await eventually(() => expect(server.connections()).toEqual([]));
      await eventually(() => expect(peer.node.getConnections()).toEqual([]));
    }
  });

  test('a peer that hangs up in the middle of it is not taken for connected', async () => {
    for (let turns = 0; turns < 25; turns++) {
      const dialled = dial().catch(() => undefined);
      for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve));
      peer.encrypted.at(-1)?.abort(new Error('hung up'));
      (await dialled)?.abort(new Error('hung up'));
    }
    await eventually(() => expect(server.connections()).toEqual([]));
  });
});
