import { startTransport } from '../../../../test/support/transport-peers.ts';

const PROTOCOL = '/test/hello/1.0.0';

let stop: AbortController;

beforeEach(() => {
  stop = new AbortController();
});

afterEach(() => stop.abort());

/** Whether a peer that listens at one address is reached by dialling another. */
async function reaches(listen: string, toDial: (port: string) => string[]): Promise<boolean> {
  const { signal } = stop;
  const server = await startTransport({ signal, listen: [listen] });
  const client = await startTransport({ signal });
  server.allow([{ peerID: client.peerID, addresses: [] }]);
  server.handle(PROTOCOL, (channel) => channel.close());
  const port = server.addresses()[0]?.split('/')[4] ?? '';
  client.allow([{ peerID: server.peerID, addresses: toDial(port) }]);
  const channel = await client.open(server.peerID, PROTOCOL, signal);
  return (await channel.read()) === undefined;
}

test.each([
  ['IPv4', '/ip4/127.0.0.1/tcp/0', (port: string) => [`/ip4/127.0.0.1/tcp/${port}`]],
  ['IPv6', '/ip6/::1/tcp/0', (port: string) => [`/ip6/::1/tcp/${port}`]],
  ['a name', '/ip4/127.0.0.1/tcp/0', (port: string) => [`/dns4/localhost/tcp/${port}`]],
  ['any interface', '/ip4/0.0.0.0/tcp/0', (port: string) => [`/ip4/127.0.0.1/tcp/${port}`]],
  [
    'the good one of several',
    '/ip4/127.0.0.1/tcp/0',
    (port: string) => ['nonsense', '/ip4/127.0.0.1/tcp/1', `/ip4/127.0.0.1/tcp/${port}`],
  ],
])('is reached by %s', async (_, listen, toDial) => {
  expect(await reaches(listen, toDial)).toBe(true);
});

test('says where it listens, with its port and its peer ID', async () => {
  const transport = await startTransport({
    signal: stop.signal,
    listen: ['/ip4/127.0.0.1/tcp/0', '/ip6/::1/tcp/0'],
  });
  const suffix = `/tcp/[1-9]\\d*/p2p/${transport.peerID}$`;
  expect(transport.addresses().toSorted()).toEqual([
    expect.stringMatching(`^/ip4/127.0.0.1${suffix}`),
    expect.stringMatching(`^/ip6/::1${suffix}`),
  ]);
});

test('names the interfaces when it listens on all of them', async () => {
  const transport = await startTransport({ signal: stop.signal, listen: ['/ip4/0.0.0.0/tcp/0'] });
  expect(transport.addresses()).toContainEqual(expect.stringMatching(/^\/ip4\/127\.0\.0\.1\//));
  expect(transport.addresses()).not.toContainEqual(expect.stringContaining('0.0.0.0'));
});

test('listens nowhere when it only dials', async () => {
  expect((await startTransport({ signal: stop.signal })).addresses()).toEqual([]);
});

test.each([
  [
    'an address that is taken',
    async () =>
      (await startTransport({ signal: stop.signal, listen: ['/ip4/127.0.0.1/tcp/0'] }))
        .addresses()[0]
        ?.split('/p2p/')[0] ?? '',
    'EADDRINUSE',
  ],
  ['an address of another machine', async () => '/ip4/192.0.2.1/tcp/0', 'EADDRNOTAVAIL'],
  ['what is no multiaddr', async () => '127.0.0.1:9000', '127.0.0.1:9000'],
  ['what is not TCP', async () => '/ip4/127.0.0.1/udp/0/quic-v1', 'quic'],
])('does not start on %s, and says why in one line', async (_, make, why) => {
  const listen = [await make()];
  const error = await startTransport({ signal: stop.signal, listen }).catch((reason: Error) => reason);
  expect(error).toMatchObject({
    name: 'StatusError',
    reason: 'Invalid',
    message: expect.stringContaining(why),
  });
  expect((error as Error).message).not.toContain('\n');
});
