import type { Connection } from '@libp2p/interface';
import { multiaddr } from '@multiformats/multiaddr';
import { eventually } from '../../../../test/support/eventually.ts';
import {
  LOOPBACK,
  type RawPeer,
  startRawPeer,
  startTransport,
} from '../../../../test/support/transport-peers.ts';
import { generateIdentity } from '../../identity/identity.ts';
import type { Libp2pTransport } from './transport.ts';

const PROTOCOL = '/test/idle/1.0.0';
const SOURCE = '/test/source/1.0.0';
const DATA = 0;
const PING = 2;
const SYN = 1;

/** Header of a yamux frame. */
function header(type: number, flags: number, stream: number, length: number): Buffer {
  const bytes = Buffer.alloc(12);
  bytes[1] = type;
  bytes.writeUInt16BE(flags, 2);
  bytes.writeUInt32BE(stream, 4);
  bytes.writeUInt32BE(length, 8);
  return bytes;
}

describe('a peer that is trusted, but does not keep to the rules,', () => {
  let stop: AbortController;
  let server: Libp2pTransport;
  let peer: RawPeer;
  let served: number;

  beforeEach(async () => {
    stop = new AbortController();
    served = 0;
    const limits = { maxConnectionsPerPeer: 3, maxConnectionWriteBufferBytes: 256 * 1024 };
    server = await startTransport({ signal: stop.signal, listen: LOOPBACK, limits });
    peer = await startRawPeer(stop.signal);
    server.allow([{ peerID: peer.node.peerId.toString(), addresses: [] }]);
    server.handle(PROTOCOL, async (channel) => {
      served += 1;
      await channel.closed;
    });
    server.handle(SOURCE, async (channel) => {
      await channel.read();
      for (;;) await channel.write(new Uint8Array(64 * 1024));
    });
  });

  afterEach(() => stop.abort());

  /** Connected as both sides see it: a dialler may see it first. */
  async function dial(): Promise<Connection> {
    const before = server.connections().length;
    const connection = await peer.node.dial(server.addresses().map(multiaddr), { force: true });
    await eventually(() => expect(server.connections()).toHaveLength(Math.min(before + 1, 3)));
    return connection;
  }

  test('loses its connection when it announces a frame larger than any window', async () => {
    await dial();
    peer.encrypted[0]?.send(header(DATA, SYN, 1, 2 ** 32 - 1));
    await eventually(() => expect(server.connections()).toEqual([]));
  });

  test('loses its connection when it asks for answers that it does not read', async () => {
    const connection = await dial();
    const streams = await Promise.all(Array.from({ length: 40 }, () => connection.newStream(SOURCE)));
    const [encrypted] = peer.encrypted;
    for (const stream of streams) stream.send(new Uint8Array([1]));
    encrypted?.pause();
    const pings = Buffer.concat(Array.from({ length: 2_000 }, (_, id) => header(PING, SYN, 0, id)));
    await eventually(() => {
      if (encrypted?.status === 'open') encrypted.send(pings);
      expect(server.connections()).toEqual([]);
    });
  });

  test('gets no more than 64 channels, over however many connections', async () => {
    const connections = [await dial(), await dial()];
    const opening = connections.flatMap((connection) =>
      Array.from({ length: 60 }, () => connection.newStream(PROTOCOL, { maxOutboundStreams: 60 })),
    );
    await Promise.allSettled(opening);
    expect(served).toBe(64);
  });

  test('keeps its newest connections when it opens too many', async () => {
    const connections = [await dial(), await dial(), await dial(), await dial()];
    await eventually(() => expect(server.connections()).toHaveLength(3));
    await eventually(() =>
      expect(connections.map(({ status }) => status === 'open')).toEqual([false, true, true, true]),
    );
  });
});

test('several programs of one identity are connected side by side', async () => {
  const stop = new AbortController();
  const { signal } = stop;
  const identity = generateIdentity();
  const server = await startTransport({ signal, listen: LOOPBACK });
  const programs = [await startTransport({ signal, identity }), await startTransport({ signal, identity })];
  server.allow([{ peerID: identity.peerID, addresses: [] }]);
  server.handle(PROTOCOL, async (channel) => channel.write(new Uint8Array([7])));
  for (const program of programs) {
    program.allow([{ peerID: server.peerID, addresses: server.addresses() }]);
    const channel = await program.open(server.peerID, PROTOCOL, signal);
    expect(await channel.read()).toEqual(new Uint8Array([7]));
  }
  expect(server.connections().map(({ peerID }) => peerID)).toEqual([identity.peerID, identity.peerID]);
  stop.abort();
});
