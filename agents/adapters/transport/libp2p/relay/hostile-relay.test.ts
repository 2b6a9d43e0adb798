import type { Stream } from '@libp2p/interface';
import { multiaddr } from '@multiformats/multiaddr';
import { Reason } from '../../../../../api/v1alpha1/reasons.ts';
import { isRelayed } from '../../../../../controllers/ports/transport.ts';
import { eventually, until } from '../../../../../test/support/eventually.ts';
import { FakeClock } from '../../../../../test/support/fake-clock.ts';
import { type RawPeer, startRawPeer, startTransport } from '../../../../../test/support/transport-peers.ts';
import { Libp2pChannel } from '../channel.ts';
import type { Libp2pTransport } from '../transport.ts';
import { receive, send } from './exchange.ts';
import { encodeHop, encodeStop, HOP_PROTOCOL, STOP_PROTOCOL, Status } from './messages.ts';

/** What a gateway can do that is trusted and should not be. */

const PROTOCOL = '/test/hello/1.0.0';
const SECRET = Buffer.from('this is nobody else’s business');

let stop: AbortController;
let clock: FakeClock;
let relay: RawPeer;
let client: Libp2pTransport;
let server: Libp2pTransport;

beforeEach(async () => {
  stop = new AbortController();
  clock = new FakeClock();
  const { signal } = stop;
  relay = await startRawPeer(signal, undefined, ['/ip4/127.0.0.1/tcp/0']);
  server = await startTransport({ signal, clock, reserve: true });
  client = await startTransport({ signal, clock });
  const peerID = relay.node.peerId.toString();
  const gateway = { peerID, addresses: relay.node.getMultiaddrs().map(String), gateway: true };
  await relay.node.handle(HOP_PROTOCOL, (stream) => void grant(stream));
  client.allow([gateway, { peerID: server.peerID, addresses: [] }]);
  server.allow([gateway, { peerID: client.peerID, addresses: [] }]);
  server.handle(PROTOCOL, async (channel) => {
    for (let chunk = await channel.read(); chunk; chunk = await channel.read()) await channel.write(chunk);
  });
  await until(() => server.addresses()[0]);
});

afterEach(() => stop.abort());

async function grant(stream: Stream): Promise<void> {
  await receive(stream, stop.signal);
  send(stream, encodeHop({ type: 'status', status: Status.OK, expiresAt: clock.now() + 60_000 }));
}

const open = () => client.open(server.peerID, PROTOCOL, stop.signal);

/** Announces a connection of `source` to the server. */
async function knock(source: string): Promise<Stream> {
  const connection = relay.node
    .getConnections()
    .find(({ remotePeer }) => remotePeer.toString() === server.peerID);
  if (!connection) throw new Error('the server has left');
  const stream = await connection.newStream(STOP_PROTOCOL);
  send(stream, encodeStop({ type: 'connect', peer: { peerID: source } }));
  await receive(stream, stop.signal);
  return stream;
}

/** Carries what comes for the server, and keeps a copy. */
async function listenIn(): Promise<Buffer[]> {
  const seen: Buffer[] = [];
  await relay.node.unhandle(HOP_PROTOCOL);
  await relay.node.handle(HOP_PROTOCOL, async (near, { remotePeer }) => {
    await receive(near, stop.signal);
    const far = await knock(remotePeer.toString());
    const ends = [near, far].map((stream) => new Libp2pChannel({ stream }, { remotePeer: '' }));
    send(near, encodeHop({ type: 'status', status: Status.OK }));
    const copy = async (from?: Libp2pChannel, to?: Libp2pChannel) => {
      for (let chunk = await from?.read(); chunk; chunk = await from?.read()) {
        seen.push(Buffer.from(chunk));
        await to?.write(chunk);
      }
    };
    await Promise.allSettled([copy(ends[0], ends[1]), copy(ends[1], ends[0])]);
  });
  return seen;
}

test('it sees that there is something, and not what', async () => {
  const seen = await listenIn();
  const channel = await open();
  await channel.write(SECRET);
  expect(await channel.read()).toEqual(new Uint8Array(SECRET));
  const all = Buffer.concat(seen);
  expect(all.length).toBeGreaterThan(2 * SECRET.length);
  expect(all.includes(SECRET)).toBe(false);
  expect(all.includes(PROTOCOL)).toBe(false);
});

test('it cannot answer in the place of a peer', async () => {
  const { upgrading } = relay.node.services;
  await relay.node.unhandle(HOP_PROTOCOL);
  await relay.node.handle(HOP_PROTOCOL, async (stream) => {
    await grant(stream);
    const remoteAddr = multiaddr('/ip4/127.0.0.1/tcp/1');
    // The client gives up first: how that looks from here does not matter.
    await upgrading.upgradeInbound(Object.assign(stream, { remoteAddr }), stop).catch(() => undefined);
  });
  await expect(open()).rejects.toMatchObject({
    message: expect.stringContaining('another peer answers'),
    details: { cause: Reason.PeerUnreachable },
  });
});

test('it cannot connect in the name of a peer that is trusted', async () => {
  const stream = await knock(client.peerID);
  const remoteAddr = multiaddr(`/ip4/127.0.0.1/tcp/1/p2p/${server.peerID}`);
  const { upgrading } = relay.node.services;
  const connection = await upgrading.upgradeOutbound(Object.assign(stream, { remoteAddr }), stop);
  // Whoever speaks first has done so before it is looked at.
  await eventually(() => expect(connection.status).not.toBe('open'));
  expect(server.connections().filter(({ address }) => isRelayed(address))).toEqual([]);
});

test('it costs the others nothing when it says what is no message', async () => {
  const connection = relay.node.getConnections()[0];
  for (const bytes of [new Uint8Array(5_000), Buffer.from([2, 8, 9]), Buffer.from([0])]) {
    const stream = await connection?.newStream(STOP_PROTOCOL);
    stream?.send(bytes);
    await new Promise((resolve) => stream?.addEventListener('close', resolve));
  }
  await listenIn();
  await (await open()).write(SECRET);
});
