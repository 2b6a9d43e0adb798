import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import { multiaddr } from '@multiformats/multiaddr';
import { eventually } from '../../../../test/support/eventually.ts';
import { FakeClock } from '../../../../test/support/fake-clock.ts';
import { FakeLogger } from '../../../../test/support/fake-logger.ts';
import {
  endpoint,
  type Intruder,
  intrude,
  LOOPBACK,
  startRawPeer,
  startTransport,
} from '../../../../test/support/transport-peers.ts';
import type { Limits } from './limits.ts';
import type { Libp2pTransport } from './transport.ts';

const PROTOCOL = '/test/secret/1.0.0';

/** Length-prefixed, as multistream-select wants it. */
const line = (text: string) => Buffer.concat([Buffer.from([text.length + 1]), Buffer.from(`${text}\n`)]);
const PROPOSAL = Buffer.concat([line('/multistream/1.0.0'), line('/noise')]);

/** Any 32 bytes can be the first message, a public key; what follows must be proven with it. */
function noiseMessage(length: number): Buffer {
  const message = randomBytes(2 + length);
  message.writeUInt16BE(length);
  return message;
}

/** Bar W3: whoever is not trusted gets not one byte of ours parsed for it. */
describe('a stranger', () => {
  let stop: AbortController;
  let friend: Libp2pTransport;
  let server: Libp2pTransport;
  let served: number;
  let changes: number;

  beforeEach(async () => {
    stop = new AbortController();
    served = 0;
    changes = 0;
    friend = await startTransport({ signal: stop.signal });
    server = await startServer({ handshakeTimeoutMs: 500 });
    friend.allow([{ peerID: server.peerID, addresses: server.addresses() }]);
  });

  afterEach(() => stop.abort());

  async function startServer(limits: Partial<Limits>): Promise<Libp2pTransport> {
    const transport = await startTransport({ signal: stop.signal, listen: LOOPBACK, limits });
    transport.allow([{ peerID: friend.peerID, addresses: [] }]);
    transport.handle(PROTOCOL, async (channel) => {
      served += 1;
      await channel.close();
    });
    transport.onConnectionChange(() => {
      changes += 1;
    });
    return transport;
  }

  /** One that would wait for a minute: what it drops, it drops for another reason. */
  const startPatient = (limits: Partial<Limits>) => startServer({ handshakeTimeoutMs: 60_000, ...limits });

  const knock = (on = server, from?: string) => intrude(endpoint(on), stop.signal, from);

  /** Honest work still gets done. */
  async function serveFriend(by = server): Promise<void> {
    friend.allow([{ peerID: by.peerID, addresses: by.addresses() }]);
    const channel = await friend.open(by.peerID, PROTOCOL, stop.signal);
    expect(await channel.read()).toBeUndefined();
    await channel.close();
  }

  test('that proves who it is gets no muxer, no protocol and no byte', async () => {
    const stranger = await startRawPeer(stop.signal);
    const connection = await stranger.node.dial(server.addresses().map(multiaddr));
    const opening = connection.newStream(PROTOCOL);
    await expect(opening).rejects.toThrow();
    await eventually(() => expect(stranger.node.getConnections()).toEqual([]));
    expect({ received: stranger.received, served, changes }).toEqual({ received: 0, served: 0, changes: 0 });
  });

  test('is named in the log, but not as often as it knocks', async () => {
    const clock = new FakeClock();
    const logger = new FakeLogger();
    const guarded = await startTransport({ signal: stop.signal, listen: LOOPBACK, clock, logger });
    const stranger = await startRawPeer(stop.signal);
    const knockAndWait = async () => {
      await stranger.node.dial(guarded.addresses().map(multiaddr));
      await eventually(() => expect(stranger.node.getConnections()).toEqual([]));
    };
    await knockAndWait();
    await knockAndWait();
    await clock.advance(10_000);
    await knockAndWait();
    const peer = stranger.node.peerId.toString();
    expect(logger.at('info')).toMatchObject([{ fields: { peer, count: 1 } }, { fields: { peer, count: 2 } }]);
  });

  test('is served as soon as it is trusted, and no longer than that (bar W4)', async () => {
    const peer = await startRawPeer(stop.signal);
    const dial = async () => (await peer.node.dial(server.addresses().map(multiaddr))).newStream(PROTOCOL);
    server.allow([{ peerID: peer.node.peerId.toString(), addresses: [] }]);
    await dial();
    expect(served).toBe(1);
    server.allow([]);
    await eventually(() => expect(peer.node.getConnections()).toEqual([]));
    await expect(dial()).rejects.toThrow();
    expect(served).toBe(1);
  });

  test.each<[string, (socket: Socket) => void]>([
    ['says nothing', () => undefined],
    ['sends one byte at a time', (socket) => trickle(socket, PROPOSAL)],
    ['proposes Noise and stops there', (socket) => socket.write(PROPOSAL)],
    [
      'sends half a Noise message',
      (socket) => socket.write(Buffer.concat([PROPOSAL, Buffer.from([0, 32, 1, 2])])),
    ],
  ])('that %s is dropped after a while', async (_, misbehave) => {
    const { socket, closed } = knock();
    misbehave(socket);
    await closed;
    await serveFriend();
  });

  test.each<[string, Buffer]>([
    ['garbage', randomBytes(100_000)],
    ['HTTP', Buffer.from('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')],
    ['another proposal', Buffer.concat([line('/multistream/1.0.0'), line('/plaintext/2.0.0')])],
    [
      'proposals without end',
      Buffer.concat([line('/multistream/1.0.0'), ...Array(10_000).fill(line('/no'))]),
    ],
    [
      'the right proposal in pieces, and then another',
      Buffer.concat([PROPOSAL.subarray(0, 25), randomBytes(9)]),
    ],
    ['garbage for Noise', Buffer.concat([PROPOSAL, noiseMessage(32), noiseMessage(200)])],
    ['the longest Noise messages', Buffer.concat([PROPOSAL, noiseMessage(65_535), noiseMessage(65_535)])],
  ])('that sends %s is dropped at once', async (_, bytes) => {
    const { socket, closed } = knock(await startPatient({}));
    socket.write(bytes.subarray(0, 1), () => socket.write(bytes.subarray(1)));
    await closed;
  });

  test('cannot lock others out by unfinished handshakes, from however many addresses', async () => {
    const patient = await startPatient({ maxPendingInbound: 20 });
    const crowd = Array.from({ length: 100 }, (_, index) => knock(patient, `127.0.1.${index + 1}`));
    await Promise.all(crowd.map(connected));
    await serveFriend(patient);
    await Promise.all(crowd.slice(0, 50).map(({ closed }) => closed));
  });

  test('cannot lock others out by knocking fast', async () => {
    const patient = await startPatient({});
    const crowd = Array.from({ length: 200 }, () => knock(patient, '127.0.1.1'));
    await Promise.all(crowd.map(connected));
    await serveFriend(patient);
    await Promise.all(crowd.slice(50).map(({ closed }) => closed));
  });

  test('leaves nothing behind', async () => {
    await serveFriend();
    const sockets = () => process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length;
    const before = sockets();
    for (let round = 0; round < 5; round++) {
      const crowd = Array.from({ length: 20 }, (_, index) =>
        knock(server, `127.0.2.${20 * round + index + 1}`),
      );
      for (const { socket } of crowd) socket.write(randomBytes(1000));
      await Promise.all(crowd.map(({ closed }) => closed));
      for (const { socket } of crowd) socket.destroy();
    }
    // Others may be closing theirs meanwhile.
    await eventually(() => expect(sockets()).toBeLessThanOrEqual(before));
  });
});

function connected({ socket }: Intruder): Promise<void> {
  return new Promise((resolve) => socket.once('connect', resolve));
}

function trickle(socket: Socket, bytes: Buffer): void {
  let at = 0;
  const timer = setInterval(() => socket.write(bytes.subarray(at, ++at)), 50);
  socket.once('close', () => clearInterval(timer));
  socket.once('end', () => clearInterval(timer));
}
