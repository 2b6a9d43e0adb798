import { createServer, type Socket } from 'node:net';
import { startTransport } from '../../../../test/support/transport-peers.ts';
import type { Libp2pTransport } from './transport.ts';

describe('a peer that cannot be reached', () => {
  let stop: AbortController;
  let client: Libp2pTransport;
  let other: Libp2pTransport;

  beforeEach(async () => {
    stop = new AbortController();
    const { signal } = stop;
    client = await startTransport({ signal, limits: { handshakeTimeoutMs: 300 } });
    other = await startTransport({ signal, listen: ['/ip4/127.0.0.1/tcp/0'] });
  });

  afterEach(() => stop.abort());

  /** Address of a TCP server that is no peer. */
  async function foreign(onSocket: (socket: Socket) => void): Promise<string> {
    const server = createServer(onSocket);
    stop.signal.addEventListener('abort', () => server.close());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return `/ip4/127.0.0.1/tcp/${(server.address() as { port: number }).port}`;
  }

  const nobody = '/ip4/127.0.0.1/tcp/1';

  test.each<[string, () => Promise<string[]> | string[], string]>([
    ['nobody listens', () => [nobody], 'connect ECONNREFUSED 127.0.0.1:1'],
    [
      'nobody listens at any address',
      () => [nobody, '/ip6/::1/tcp/1'],
      'ECONNREFUSED 127.0.0.1:1; connect ECONNREFUSED ::1:1',
    ],
    ['its name does not exist', () => ['/dns4/peer.invalid/tcp/1'], 'getaddrinfo ENOTFOUND peer.invalid'],
    ['it accepts and says nothing', async () => [await foreign(() => undefined)], 'no answer in time'],
    [
      'it hangs up',
      async () => [await foreign((socket) => socket.destroy())],
      'closed the connection, or is no peer',
    ],
    [
      'it is a web server',
      async () => [await foreign((socket) => socket.end('HTTP/1.1 400\r\n\r\n'))],
      'closed the connection, or is no peer',
    ],
    ['its address is none', () => ['localhost:9000'], 'none of its addresses is valid: localhost:9000'],
    ['its address is of another peer', () => other.addresses(), 'none of its addresses is valid'],
    [
      'its address is not of TCP',
      () => ['/ip4/127.0.0.1/udp/1/quic-v1'],
      'none of its addresses can be dialled',
    ],
    ['it has no address', () => [], 'no address of it is known'],
  ])('because %s is reported so', async (_, addresses, why) => {
    const peerID = '12D3KooWD3eckifWpRn9wQpMG9R9hX3sD158z7EqHWmweQAJU5SA';
    client.allow([{ peerID, addresses: await addresses() }]);
    await expect(client.open(peerID, '/test/1.0.0', stop.signal)).rejects.toMatchObject({
      name: 'StatusError',
      reason: 'ServiceUnavailable',
      message: expect.stringContaining(why),
      details: { cause: 'PeerUnreachable' },
    });
  });
});
