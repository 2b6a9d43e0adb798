import type { Stream } from '@libp2p/interface';
import { multiaddr } from '@multiformats/multiaddr';
import type { Channel } from '../../../../controllers/ports/transport.ts';
import { eventually } from '../../../../test/support/eventually.ts';
import {
  LOOPBACK,
  type RawPeer,
  startRawPeer,
  startTransport,
} from '../../../../test/support/transport-peers.ts';
import { Libp2pChannel } from './channel.ts';

const PROTOCOL = '/test/channel/1.0.0';
const HELLO = new TextEncoder().encode('hello');

describe('a channel of a stream on which much has happened already', () => {
  let stop: AbortController;
  let peer: RawPeer;
  let near: Channel;
  let stream: Stream;

  beforeEach(async () => {
    stop = new AbortController();
    const { signal } = stop;
    peer = await startRawPeer(signal);
    const server = await startTransport({ signal, listen: LOOPBACK });
    server.allow([{ peerID: peer.node.peerId.toString(), addresses: [] }]);
    const accepted = Promise.withResolvers<Stream>();
    await peer.node.handle(PROTOCOL, (incoming) => accepted.resolve(incoming));
    await peer.node.dial(server.addresses().map(multiaddr));
    await eventually(() => expect(server.connections()).toHaveLength(1));
    near = await server.open(peer.node.peerId.toString(), PROTOCOL, signal);
    stream = await accepted.promise;
    await near.write(HELLO);
  });

  afterEach(() => stop.abort());

  const adopt = () => new Libp2pChannel({ stream }, { remotePeer: 'near' });

  test('has what came, and its end, for a reader that does not wait', async () => {
    await near.close();
    await eventually(() => expect(stream.remoteWriteStatus).toBe('closed'));
    const far = adopt();
    const reads = [far.read(), far.read()];
    expect(await Promise.all(reads)).toEqual([HELLO, undefined]);
  });

  test('is broken when the stream was reset', async () => {
    near.abort(new Error('no'));
    await eventually(() => expect(stream.status).toBe('reset'));
    const far = adopt();
    await expect(far.read()).rejects.toThrow('aborted the channel');
    await far.closed;
  });

  test('is broken, and not at its end, when the connection was lost', async () => {
    peer.encrypted[0]?.abort(new Error('cable cut'));
    await eventually(() => expect(stream.status).not.toBe('open'));
    const far = adopt();
    await expect(far.read()).rejects.toThrow('was lost');
    await expect(far.write(HELLO)).rejects.toThrow('was lost');
    await far.close();
    await far.closed;
  });

  test('is still read to its end when the connection is lost after the end had come', async () => {
    await near.close();
    await eventually(() => expect(stream.remoteWriteStatus).toBe('closed'));
    const far = adopt();
    peer.encrypted[0]?.abort(new Error('cable cut'));
    await far.closed;
    expect([await far.read(), await far.read()]).toEqual([HELLO, undefined]);
    await expect(far.write(HELLO)).rejects.toThrow('was lost');
  });
});
