import { multiaddr } from '@multiformats/multiaddr';
import { Reason } from '../../../../../api/v1alpha1/reasons.ts';
import type { Channel } from '../../../../../controllers/ports/transport.ts';
import { eventually, until } from '../../../../../test/support/eventually.ts';
import { FakeClock } from '../../../../../test/support/fake-clock.ts';
import { TestGateway } from '../../../../../test/support/transport-gateway.ts';
import { startRawPeer, startTransport } from '../../../../../test/support/transport-peers.ts';
import { generateIdentity, type Identity } from '../../../identity/identity.ts';
import type { Limits } from '../limits.ts';
import type { Libp2pTransport } from '../transport.ts';
import { receive, send } from './exchange.ts';
import { decodeHop, encodeHop, HOP_PROTOCOL, Status } from './messages.ts';

const PROTOCOL = '/test/hello/1.0.0';
const UNREACHABLE = { details: { cause: Reason.PeerUnreachable } };

let stop: AbortController;
let clock: FakeClock;
let gateway: TestGateway;
let client: Libp2pTransport;
let server: Libp2pTransport;

beforeEach(() => {
  stop = new AbortController();
  clock = new FakeClock();
});

afterEach(() => stop.abort());

/** A provider that may be reached through the gateway, and a developer. */
async function begin(limits: Partial<Limits> = {}, relay = true): Promise<void> {
  const { signal } = stop;
  gateway = await TestGateway.start({ signal, clock, limits: { maxRequestsPerSecond: 1_000, ...limits } });
  client = await startTransport({ signal, clock });
  server = await startTransport({ signal, clock, reserve: true });
  server.handle(PROTOCOL, (channel) => channel.close());
  gateway.admit(server.peerID, relay);
  gateway.admit(client.peerID, false);
  server.allow([gateway.entry(), { peerID: client.peerID, addresses: [] }]);
  client.allow([gateway.entry(), { peerID: server.peerID, addresses: [] }]);
  if (relay) await until(() => server.addresses()[0]);
}

const open = () => client.open(server.peerID, PROTOCOL, stop.signal);

async function openBoth(): Promise<[Channel, Channel]> {
  const accepted = Promise.withResolvers<Channel>();
  server.handle(PROTOCOL, async (channel) => accepted.resolve(channel));
  return [await open(), await accepted.promise];
}

/** Somebody whom the gateway trusts, with a program of its own making. */
async function ask(message: Uint8Array, { identity = generateIdentity(), relay = false } = {}) {
  const peer = await startRawPeer(stop.signal, identity);
  gateway.admit(identity.peerID, relay);
  const connection = await peer.node.dial(multiaddr(gateway.transport.addresses()[0]));
  const stream = await connection.newStream(HOP_PROTOCOL);
  send(stream, message);
  return decodeHop(await receive(stream, stop.signal));
}

describe('a gateway', () => {
  it('leads nowhere but to peers that are granted it', async () => {
    await begin({}, false);
    await expect(open()).rejects.toMatchObject({
      message: expect.stringMatching(/not granted/),
      ...UNREACHABLE,
    });
    expect(server.addresses()).toEqual([]);
  });

  it('leads no stranger anywhere', async () => {
    await begin();
    gateway.dismiss(client.peerID);
    await expect(open()).rejects.toMatchObject({
      message: expect.stringContaining('our peer ID'),
      ...UNREACHABLE,
    });
  });

  it('ends what is relayed when the grant is withdrawn, though the peer stays trusted', async () => {
    await begin();
    const [near, far] = await openBoth();
    gateway.admit(server.peerID, false);
    await Promise.all([expect(near.read()).rejects.toThrow(), expect(far.read()).rejects.toThrow()]);
    await expect(open()).rejects.toMatchObject(UNREACHABLE);
    expect(gateway.transport.connections()).toHaveLength(2);
  });

  it.each([
    ['who dialled', () => client.peerID],
    ['who was dialled', () => server.peerID],
  ])('ends what is relayed when the trust in the peer ends %s', async (_, whom) => {
    await begin();
    const [near, far] = await openBoth();
    gateway.dismiss(whom());
    await Promise.all([expect(near.read()).rejects.toThrow(), expect(far.read()).rejects.toThrow()]);
  });

  it('connects no peer more often than it may be, and again when there is room', async () => {
    await begin({ maxCircuitsPerPeer: 1 });
    const [channel] = await openBoth();
    const another = await startTransport({ signal: stop.signal, clock });
    gateway.admit(another.peerID, false);
    const peers = [client.peerID, another.peerID].map((peerID) => ({ peerID, addresses: [] }));
    server.allow([gateway.entry(), ...peers]);
    another.allow([gateway.entry(), { peerID: server.peerID, addresses: [] }]);
    const opening = () => another.open(server.peerID, PROTOCOL, stop.signal);
    await expect(opening()).rejects.toMatchObject({
      message: expect.stringContaining('has no room'),
      ...UNREACHABLE,
    });
    client.allow([]);
    await expect(channel.read()).rejects.toThrow();
    await eventually(opening);
  });

  it('expects no more peers than it has room for', async () => {
    await begin({ maxReservations: 1 });
    const another = await startTransport({ signal: stop.signal, clock, reserve: true });
    gateway.admit(another.peerID, true);
    another.allow([gateway.entry()]);
    await eventually(() => expect(gateway.transport.connections()).toHaveLength(2));
    await clock.advance(60_000);
    expect(another.addresses()).toEqual([]);
  });

  it('expects no peer for longer than it has promised', async () => {
    await begin({ reservationMs: 20_000 });
    const identity = generateIdentity();
    const { peerID } = identity;
    await ask(encodeHop({ type: 'reserve' }), { identity, relay: true });
    client.allow([gateway.entry(), { peerID, addresses: [] }]);
    const opening = () => client.open(peerID, PROTOCOL, stop.signal);
    // It holds a reservation, and knows nothing of what follows from one.
    await expect(opening()).rejects.toThrow('did not answer the gateway');
    await clock.advance(20_000);
    await expect(opening()).rejects.toThrow('not connected there');
  });

  it('takes no more requests in a second than anybody needs', async () => {
    await begin({ maxRequestsPerSecond: 2 });
    for (let count = 0; count < 2; count++) await (await open()).close();
    const strangers = [1, 2, 3].map(() => ({ peerID: generateIdentity().peerID, addresses: [] }));
    client.allow([gateway.entry(), ...strangers]);
    const errors = await Promise.all(
      strangers.map(({ peerID }) =>
        client.open(peerID, PROTOCOL, stop.signal).catch((error: Error) => error),
      ),
    );
    expect(errors.filter((error) => /has no room/.test((error as Error).message)).length).toBeGreaterThan(0);
  });

  it.each([
    ['what is no message', Buffer.from('0809', 'hex'), Status.MalformedMessage],
    ['an answer', encodeHop({ type: 'status', status: Status.OK }), Status.UnexpectedMessage],
    ['a reservation without the grant', encodeHop({ type: 'reserve' }), Status.PermissionDenied],
    [
      'to be connected to nobody it knows',
      encodeHop({ type: 'connect', peer: generateIdentity() }),
      Status.NoReservation,
    ],
    ['more than may be sent at once', new Uint8Array(5_000), Status.MalformedMessage],
  ])('refuses %s', async (_, message, status) => {
    await begin();
    expect(await ask(message)).toMatchObject({ type: 'status', status });
    await (await open()).close();
  });
});

describe('a peer behind NAT', () => {
  it('is expected for as long as it is there', async () => {
    await begin({ reservationMs: 60_000 });
    for (let minute = 0; minute < 3; minute++) await clock.advance(60_000);
    await (await open()).close();
  });

  it('comes back when its gateway does, wherever that is then', async () => {
    const life = new AbortController();
    const identity: Identity = generateIdentity();
    const { signal } = stop;
    gateway = await TestGateway.start({ signal: life.signal, clock, identity });
    server = await startTransport({ signal, clock, reserve: true });
    gateway.admit(server.peerID, true);
    server.allow([gateway.entry()]);
    const [before] = [await until(() => server.addresses()[0])];
    life.abort();
    await eventually(() => expect(server.addresses()).toEqual([]));
    gateway = await TestGateway.start({ signal, clock, identity });
    gateway.admit(server.peerID, true);
    server.allow([gateway.entry()]);
    await eventually(async () => {
      await clock.advance(10_000);
      expect(server.addresses()).toEqual([expect.stringContaining(`/p2p-circuit/p2p/${server.peerID}`)]);
    });
    expect(server.addresses()).not.toEqual([before]);
  });

  it('takes the place of its dead self, which others then no longer wait for', async () => {
    const identity = generateIdentity();
    await begin();
    const { signal } = stop;
    const first = await startTransport({ signal, clock, reserve: true, identity });
    gateway.admit(first.peerID, true);
    first.allow([gateway.entry(), { peerID: client.peerID, addresses: [] }]);
    first.handle(PROTOCOL, async () => undefined);
    await until(() => first.addresses()[0]);
    client.allow([gateway.entry(), { peerID: first.peerID, addresses: [] }]);
    const channel = await client.open(first.peerID, PROTOCOL, signal);
    const second = await startTransport({ signal, clock, reserve: true, identity });
    second.allow([gateway.entry()]);
    await expect(channel.read()).rejects.toThrow();
  });

  it('is no longer reached through a gateway that is none of its own any more', async () => {
    await begin();
    server.allow([gateway.entry(false), { peerID: client.peerID, addresses: [] }]);
    await expect(open()).rejects.toMatchObject(UNREACHABLE);
  });
});
