import { Reason } from '../../api/v1alpha1/reasons.ts';
import type { Channel } from '../../controllers/ports/transport.ts';
import { eventually } from '../support/eventually.ts';
import { bytes, during, ECHO, echo, type TransportWorld, trust } from './transport-world.ts';

/** Who is connected to whom, and who is refused why. */
export function describeConnections(world: TransportWorld): void {
  test('opens channels in both directions over one connection, also to a peer that cannot be dialled', async () => {
    world.client.handle(ECHO, echo);
    await world.open();
    const channel = await world.server.open(world.client.peerID, ECHO, world.signal);
    await channel.write(bytes('back'));
    expect(await channel.read()).toEqual(bytes('back'));
    expect([world.client.connections(), world.server.connections()]).toMatchObject([
      [{ peerID: world.server.peerID, direction: 'outbound', address: expect.stringMatching(/^\//) }],
      [{ peerID: world.client.peerID, direction: 'inbound', openedAt: expect.any(Number) }],
    ]);
  });

  test('tells of connections that open and close, until it is told not to', async () => {
    const seen: number[] = [];
    const unsubscribe = world.server.onConnectionChange(() => seen.push(world.server.connections().length));
    await world.open();
    world.client.allow([]);
    await eventually(() => expect(seen).toEqual([1, 0]));
    unsubscribe();
    trust(world.client, world.server);
    await world.open();
    expect(seen).toEqual([1, 0]);
  });

  test.each([
    ['is not on our list', () => world.client.allow([]), Reason.PeerNotTrusted],
    ['does not have us on its list', () => world.server.allow([]), Reason.NotTrustedByPeer],
    [
      'has no address',
      () => world.client.allow([{ peerID: world.server.peerID, addresses: [] }]),
      Reason.PeerUnreachable,
    ],
  ])('refuses a peer that %s', async (_, arrange, cause) => {
    arrange();
    const seen = new Set<number>();
    const look = () =>
      [world.client, world.server].forEach((transport) => void seen.add(transport.connections().length));
    for (const transport of [world.client, world.server]) transport.onConnectionChange(look);
    const opening = expect(world.open()).rejects.toMatchObject({ name: 'StatusError', details: { cause } });
    await during(opening, look);
    expect([...seen]).toEqual([0]);
  });

  test('refuses a peer that does not speak the protocol', async () => {
    const details = { cause: Reason.IncompatibleVersion };
    await expect(world.open('/test/unknown/1.0.0')).rejects.toMatchObject({ details });
  });

  test('cannot reach a peer that is gone', async () => {
    trust(world.client, world.server);
    world.stopServer();
    await eventually(() => expect(world.server.addresses()).toEqual([]));
    await expect(world.open()).rejects.toMatchObject({ details: { cause: Reason.PeerUnreachable } });
  });

  test('does not take another peer for the one it dialled', async () => {
    const other = await world.start({ listen: true });
    trust(other, world.client);
    const addresses = other.addresses().map((address) => address.replace(/\/p2p\/.*/, ''));
    world.client.allow([{ peerID: world.server.peerID, addresses }]);
    await expect(world.open()).rejects.toMatchObject({ details: { cause: Reason.PeerUnreachable } });
  });

  test.each([
    ['the other side', () => world.server.allow([]), Reason.NotTrustedByPeer],
    ['us', () => world.client.allow([]), Reason.PeerNotTrusted],
  ])(
    'closes everything when trust is withdrawn by %s, and reopens when it is given again',
    async (_, withdraw, cause) => {
      const [near, far] = await world.openBoth();
      withdraw();
      await Promise.all([expect(near.read()).rejects.toThrow(), expect(far.read()).rejects.toThrow()]);
      await eventually(() =>
        expect([world.client.connections(), world.server.connections()]).toEqual([[], []]),
      );
      await expect(world.open()).rejects.toMatchObject({ details: { cause } });
      trust(world.client, world.server);
      trust(world.server, world.client);
      await (await world.open()).close();
    },
  );

  test.each([
    ['before we noticed', async () => undefined],
    ['and our channels have just told us', (channel: Channel) => expect(channel.read()).rejects.toThrow()],
  ])('connects anew when its connection died %s', async (_, notice) => {
    const [broken] = await world.openBoth();
    world.server.allow([]);
    trust(world.server, world.client);
    await notice(broken);
    const channel = await world.open();
    await channel.write(bytes('again'));
    expect(await channel.read()).toEqual(bytes('again'));
  });

  test('breaks channels when a side stops: bytes may be missing', async () => {
    const [near, far] = await world.openBoth();
    await near.write(bytes('some'));
    expect(await far.read()).toEqual(bytes('some'));
    world.stopServer();
    await Promise.all([expect(near.read()).rejects.toThrow(), expect(far.read()).rejects.toThrow()]);
    await eventually(() =>
      expect([world.client.connections(), world.server.connections()]).toEqual([[], []]),
    );
  });

  test('opens nothing before it is started, nor for a caller that has given up', async () => {
    const idle = world.make({ listen: false });
    trust(idle, world.server);
    await expect(idle.open(world.server.peerID, ECHO, world.signal)).rejects.toMatchObject({
      name: 'StatusError',
    });
    const reason = new Error('gave up');
    await expect(world.client.open(world.server.peerID, ECHO, AbortSignal.abort(reason))).rejects.toBe(
      reason,
    );
  });
}
