import { MAX_STREAMS_PER_PEER } from '../../api/protocol/limits.ts';
import { Reason } from '../../api/v1alpha1/reasons.ts';
import type { Channel, ChannelHandler, Transport } from '../../controllers/ports/transport.ts';
import { eventually } from '../support/eventually.ts';

const MiB = 1024 * 1024;
const ECHO = '/test/echo/1.0.0';
const SINK = '/test/sink/1.0.0';

/** Makes a transport with an identity of its own, not yet started. `listen: false`: it only dials. */
export type MakeTransport = (init: { listen: boolean }) => Transport;

/** What every {@link Transport} must do. */
export function describeTransport(name: string, make: MakeTransport): void {
  describe(`${name} transport`, () => {
    let stop: AbortController;
    let stopServer: AbortController;
    let client: Transport;
    let server: Transport;

    beforeEach(async () => {
      stop = new AbortController();
      stopServer = new AbortController();
      client = await started({ listen: false });
      server = make({ listen: true });
      await server.start(AbortSignal.any([stop.signal, stopServer.signal]));
      server.handle(ECHO, echo);
      trust(client, server);
      trust(server, client);
    });

    afterEach(async () => {
      stop.abort();
      await eventually(() => expect([...client.connections(), ...server.connections()]).toEqual([]));
    });

    async function started(init: { listen: boolean }): Promise<Transport> {
      const transport = make(init);
      await transport.start(stop.signal);
      return transport;
    }

    const open = (protocol = ECHO) => client.open(server.peerID, protocol, stop.signal);

    /** Both ends of a channel that no handler touches. */
    async function openBoth(): Promise<[Channel, Channel]> {
      const accepted = Promise.withResolvers<Channel>();
      server.handle(SINK, async (channel) => accepted.resolve(channel));
      const near = await open(SINK);
      return [near, await accepted.promise];
    }

    test('carries bytes there and back, and says who is at the other end', async () => {
      const [near, far] = await openBoth();
      await near.write(bytes('hello'));
      expect(await far.read()).toEqual(bytes('hello'));
      expect([near.remotePeer, far.remotePeer]).toEqual([server.peerID, client.peerID]);
    });

    test('keeps 10 MiB whole and in order both ways', async () => {
      const channel = await open();
      const sent = pattern(10 * MiB);
      const [received] = await Promise.all([readAll(channel), writeAll(channel, sent)]);
      expect(Buffer.compare(received, sent)).toBe(0);
      await channel.closed;
    });

    test('makes a writer wait for a reader that is slow, and loses nothing', async () => {
      const [near, far] = await openBoth();
      const sent = pattern(10 * MiB);
      let accepted = 0;
      const writing = writeAll(near, sent, (count) => (accepted = count));
      await standstill(() => accepted);
      const first = await far.read();
      await standstill(() => accepted);
      expect(accepted).toBeLessThan(4 * MiB);
      const [rest] = await Promise.all([readAll(far), writing]);
      expect(Buffer.compare(Buffer.concat([first ?? bytes(''), rest]), sent)).toBe(0);
    });

    test('closes one half and still reads from the other', async () => {
      const [near, far] = await openBoth();
      await near.write(bytes('question'));
      await near.close();
      expect(await readAll(far)).toEqual(bytes('question'));
      await far.write(bytes('answer'));
      await far.close();
      expect(await readAll(near)).toEqual(bytes('answer'));
      await Promise.all([near.closed, far.closed]);
    });

    test('goes on answering undefined after the end', async () => {
      const [near, far] = await openBoth();
      await near.close();
      expect([await far.read(), await far.read()]).toEqual([undefined, undefined]);
    });

    test('does not lose what came, with its end, before the first read', async () => {
      server.handle(SINK, async (channel) => {
        await channel.write(bytes('early'));
        await channel.close();
      });
      const channel = await open(SINK);
      await channel.close();
      await channel.closed;
      expect(await readAll(channel)).toEqual(bytes('early'));
    });

    test('lets the other side know of an abort, which is not an end', async () => {
      const [near, far] = await openBoth();
      const reading = far.read();
      near.abort(new Error('changed my mind'));
      await expect(reading).rejects.toMatchObject({ reason: 'ServiceUnavailable' });
      await expect(far.write(bytes('x'))).rejects.toThrow();
      await expect(near.read()).rejects.toThrow('changed my mind');
      await expect(near.write(bytes('x'))).rejects.toThrow('changed my mind');
      await Promise.all([near.closed, far.closed]);
    });

    test('wakes a writer that waits when the reader aborts', async () => {
      const [near, far] = await openBoth();
      let accepted = 0;
      const writing = expect(
        writeAll(near, pattern(10 * MiB), (count) => (accepted = count)),
      ).rejects.toThrow();
      await standstill(() => accepted);
      far.abort(new Error('enough'));
      await writing;
    });

    test('aborts the channel of a handler that rejects', async () => {
      server.handle(SINK, () => Promise.reject(new Error('no')));
      await expect((await open(SINK)).read()).rejects.toThrow();
    });

    test('refuses to write to a half that was closed', async () => {
      const channel = await open();
      await channel.close();
      await expect(channel.write(bytes('x'))).rejects.toMatchObject({ reason: 'BadRequest' });
    });

    test('keeps concurrent writes whole, in the order they were made', async () => {
      const channel = await open();
      const parts = ['a', 'b', 'c'].map((letter) => bytes(letter.repeat(300_000)));
      const writing = Promise.all(parts.map((part) => channel.write(part))).then(() => channel.close());
      const [received] = await Promise.all([readAll(channel), writing]);
      expect(Buffer.compare(received, Buffer.concat(parts))).toBe(0);
    });

    test('has taken the bytes when write resolves: the buffer may be used again', async () => {
      const channel = await open();
      const buffer = bytes('first');
      await channel.write(buffer);
      buffer.fill(0);
      await channel.write(new Uint8Array());
      await channel.close();
      expect(await readAll(channel)).toEqual(bytes('first'));
    });

    test('keeps a channel on which nobody speaks', async () => {
      const channel = await open();
      await standstill(() => 0);
      await channel.write(bytes('still here'));
      expect(await channel.read()).toEqual(bytes('still here'));
    });

    test('serves 64 channels at once and refuses one more until there is room', async () => {
      const channels = await Promise.all(Array.from({ length: MAX_STREAMS_PER_PEER }, () => open()));
      await Promise.all(channels.map((channel, index) => channel.write(bytes(`${index}`))));
      const answers = await Promise.all(channels.map((channel) => channel.read()));
      expect(answers).toEqual(channels.map((_, index) => bytes(`${index}`)));
      await expect(open()).rejects.toMatchObject({ reason: 'TooManyRequests' });
      await channels[0]?.close();
      await channels[0]?.closed;
      await eventually(async () => (await open()).close());
    });

    test('opens channels in both directions over one connection, also to a peer that cannot be dialled', async () => {
      client.handle(ECHO, echo);
      await open();
      const channel = await server.open(client.peerID, ECHO, stop.signal);
      await channel.write(bytes('back'));
      expect(await channel.read()).toEqual(bytes('back'));
      expect([client.connections(), server.connections()]).toMatchObject([
        [{ peerID: server.peerID, direction: 'outbound', address: expect.stringMatching(/^\//) }],
        [{ peerID: client.peerID, direction: 'inbound', openedAt: expect.any(Number) }],
      ]);
    });

    test('tells of connections that open and close, until it is told not to', async () => {
      const seen: number[] = [];
      const unsubscribe = server.onConnectionChange(() => seen.push(server.connections().length));
      await open();
      client.allow([]);
      await eventually(() => expect(seen).toEqual([1, 0]));
      unsubscribe();
      trust(client, server);
      await open();
      expect(seen).toEqual([1, 0]);
    });

    test.each([
      ['is not on our list', () => client.allow([]), Reason.PeerNotTrusted],
      ['does not have us on its list', () => server.allow([]), Reason.NotTrustedByPeer],
      [
        'has no address',
        () => client.allow([{ peerID: server.peerID, addresses: [] }]),
        Reason.PeerUnreachable,
      ],
    ])('refuses a peer that %s', async (_, arrange, cause) => {
      arrange();
      const seen = new Set<number>();
      const look = () =>
        [client, server].forEach((transport) => void seen.add(transport.connections().length));
      for (const transport of [client, server]) transport.onConnectionChange(look);
      const opening = expect(open()).rejects.toMatchObject({ name: 'StatusError', details: { cause } });
      await during(opening, look);
      expect([...seen]).toEqual([0]);
    });

    test('refuses a peer that does not speak the protocol', async () => {
      const details = { cause: Reason.IncompatibleVersion };
      await expect(open('/test/unknown/1.0.0')).rejects.toMatchObject({ details });
    });

    test('cannot reach a peer that is gone', async () => {
      trust(client, server);
      stopServer.abort();
      await eventually(() => expect(server.addresses()).toEqual([]));
      await expect(open()).rejects.toMatchObject({ details: { cause: Reason.PeerUnreachable } });
    });

    test('does not take another peer for the one it dialled', async () => {
      const other = await started({ listen: true });
      trust(other, client);
      const addresses = other.addresses().map((address) => address.replace(/\/p2p\/.*/, ''));
      client.allow([{ peerID: server.peerID, addresses }]);
      await expect(open()).rejects.toMatchObject({ details: { cause: Reason.PeerUnreachable } });
    });

    test.each([
      ['the other side', () => server.allow([]), Reason.NotTrustedByPeer],
      ['us', () => client.allow([]), Reason.PeerNotTrusted],
    ])(
      'closes everything when trust is withdrawn by %s, and reopens when it is given again',
      async (_, withdraw, cause) => {
        const [near, far] = await openBoth();
        withdraw();
        await Promise.all([expect(near.read()).rejects.toThrow(), expect(far.read()).rejects.toThrow()]);
        await eventually(() => expect([client.connections(), server.connections()]).toEqual([[], []]));
        await expect(open()).rejects.toMatchObject({ details: { cause } });
        trust(client, server);
        trust(server, client);
        await (await open()).close();
      },
    );

    test.each([
      ['before we noticed', async () => undefined],
      ['and our channels have just told us', (channel: Channel) => expect(channel.read()).rejects.toThrow()],
    ])('connects anew when its connection died %s', async (_, notice) => {
      const [broken] = await openBoth();
      server.allow([]);
      trust(server, client);
      await notice(broken);
      const channel = await open();
      await channel.write(bytes('again'));
      expect(await channel.read()).toEqual(bytes('again'));
    });

    test('breaks channels when a side stops: bytes may be missing', async () => {
      const [near, far] = await openBoth();
      await near.write(bytes('some'));
      expect(await far.read()).toEqual(bytes('some'));
      stopServer.abort();
      await Promise.all([expect(near.read()).rejects.toThrow(), expect(far.read()).rejects.toThrow()]);
      await eventually(() => expect([client.connections(), server.connections()]).toEqual([[], []]));
    });

    test('opens nothing before it is started, nor for a caller that has given up', async () => {
      const idle = make({ listen: false });
      trust(idle, server);
      await expect(idle.open(server.peerID, ECHO, stop.signal)).rejects.toMatchObject({
        name: 'StatusError',
      });
      const reason = new Error('gave up');
      await expect(client.open(server.peerID, ECHO, AbortSignal.abort(reason))).rejects.toBe(reason);
    });
  });
}

const echo: ChannelHandler = async (channel) => {
  for (let chunk = await channel.read(); chunk; chunk = await channel.read()) await channel.write(chunk);
  await channel.close();
};

function trust(truster: Transport, trusted: Transport): void {
  truster.allow([{ peerID: trusted.peerID, addresses: trusted.addresses() }]);
}

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** Bytes that differ from place to place, so that a lost or doubled chunk shows. */
function pattern(length: number): Uint8Array {
  const words = Uint32Array.from({ length: length / 4 }, (_, index) => index);
  return new Uint8Array(words.buffer);
}

async function writeAll(
  channel: Channel,
  all: Uint8Array,
  onAccepted?: (count: number) => void,
): Promise<void> {
  const size = 100_000;
  for (let start = 0; start < all.length; start += size) {
    await channel.write(all.subarray(start, start + size));
    onAccepted?.(start + size);
  }
  await channel.close();
}

async function readAll(channel: Channel): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for (let chunk = await channel.read(); chunk; chunk = await channel.read()) chunks.push(chunk);
  return new Uint8Array(Buffer.concat(chunks));
}

/** Looks again and again until a promise settles. */
async function during(promise: Promise<unknown>, look: () => void): Promise<void> {
  let settled = false;
  const settle = () => {
    settled = true;
  };
  promise.then(settle, settle);
  for (; !settled; await new Promise((resolve) => setImmediate(resolve))) look();
  await promise;
}

/** Waits until a count has stopped growing. */
async function standstill(count: () => number): Promise<void> {
  let last = -1;
  await eventually(
    () => {
      const stands = count() === last;
      last = count();
      return stands;
    },
    { intervalMs: 100 },
  );
}
