import { connect, createServer, type Socket } from 'node:net';
import { Reason } from '../../../../api/v1alpha1/reasons.ts';
import { type Channel, isRelayed } from '../../../../controllers/ports/transport.ts';
import { standstill } from '../../../../test/compliance/transport-world.ts';
import { eventually, until } from '../../../../test/support/eventually.ts';
import { FakeClock } from '../../../../test/support/fake-clock.ts';
import { TestGateway } from '../../../../test/support/transport-gateway.ts';
import { endpoint, LOOPBACK, startTransport } from '../../../../test/support/transport-peers.ts';
import { defaultLimits } from './limits.ts';
import type { Libp2pTransport } from './transport.ts';

const PROTOCOL = '/test/hello/1.0.0';
const NOBODY = '/ip4/127.0.0.1/tcp/1';

let stop: AbortController;
let clock: FakeClock;
let gateway: TestGateway;
let client: Libp2pTransport;
let server: Libp2pTransport;

/** A peer that can be reached directly as well as through a gateway. */
beforeEach(async () => {
  stop = new AbortController();
  clock = new FakeClock();
  const { signal } = stop;
  gateway = await TestGateway.start({ signal, clock });
  client = await startTransport({ signal, clock });
  server = await startTransport({ signal, clock, listen: LOOPBACK, reserve: true });
  gateway.admit(server.peerID, true);
  gateway.admit(client.peerID, false);
  server.allow([gateway.entry(), { peerID: client.peerID, addresses: [] }]);
  server.handle(PROTOCOL, async (channel) => void (await channel.write(new Uint8Array([1]))));
  await until(() => server.addresses()[1]);
});

afterEach(() => stop.abort());

const open = () => client.open(server.peerID, PROTOCOL, stop.signal);
const circuit = () => server.addresses().find(isRelayed) ?? '';

/** How the client is connected to the server, the way it prefers first. */
const ways = () =>
  client
    .connections()
    .filter(({ peerID }) => peerID === server.peerID)
    .map(({ address }) => (isRelayed(address) ? 'relayed' : 'direct'));

function know(addresses: string[], isGateway = true): void {
  client.allow([gateway.entry(isGateway), { peerID: server.peerID, addresses }]);
}

/** A wire to the server that is dead until it is mended. */
async function deadWire(): Promise<{ address: string; mend(): void }> {
  const waiting: Socket[] = [];
  const join = (near: Socket) => {
    const far = connect({ ...endpoint(server), signal: stop.signal });
    // How it ends does not matter: the test is over then.
    for (const socket of [near, far]) socket.on('error', () => undefined);
    near.pipe(far).pipe(near);
  };
  const listener = createServer((near) => void waiting.push(near.pause()));
  stop.signal.addEventListener('abort', () => listener.close());
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  const { port } = listener.address() as { port: number };
  return { address: `/ip4/127.0.0.1/tcp/${port}`, mend: () => waiting.forEach(join) };
}

describe('a peer', () => {
  it('is dialled directly where that works, and no gateway hears of it', async () => {
    know([server.addresses()[0] ?? '']);
    await open();
    expect(ways()).toEqual(['direct']);
    const knownToGateway = () => gateway.transport.connections().map(({ peerID }) => peerID);
    await standstill(() => knownToGateway().length);
    expect(knownToGateway()).toEqual([server.peerID]);
  });

  it.each([
    ['at no address that is known', []],
    ['any more where it was', [NOBODY]],
  ])('is found at a gateway of ours when it is not %s', async (_, addresses) => {
    know(addresses);
    await open();
    expect(ways()).toEqual(['relayed']);
  });

  it('is found at a gateway without waiting for an address that is silent', async () => {
    know([(await deadWire()).address]);
    const opening = open();
    await eventually(() => expect(clock.pending).toBeGreaterThan(0));
    await clock.advance(defaultLimits.directHeadStartMs);
    await opening;
    expect(ways()).toEqual(['relayed']);
  });

  it('is dialled where an address says, also through a peer that is no gateway of ours', async () => {
    know([circuit()], false);
    await open();
    expect(client.connections().map(({ address }) => address)).toContain(circuit());
  });

  it('is dialled where an address says, when only that says where the gateway is', async () => {
    client.allow([
      { peerID: gateway.transport.peerID, addresses: [] },
      { peerID: server.peerID, addresses: [circuit()] },
    ]);
    await open();
    expect(ways()).toEqual(['relayed']);
  });

  it('is not dialled through a peer that is not trusted', async () => {
    client.allow([{ peerID: server.peerID, addresses: [circuit()] }]);
    await expect(open()).rejects.toMatchObject({
      message: expect.stringContaining(`peer ${gateway.transport.peerID} is not trusted here`),
      details: { cause: Reason.PeerUnreachable },
    });
    expect(client.connections()).toEqual([]);
  });

  it('says of each way why it led nowhere', async () => {
    know([NOBODY]);
    gateway.admit(server.peerID, false);
    await expect(open()).rejects.toThrow(/ECONNREFUSED.*; through gateway \S+: it is not connected there/);
  });
});

describe('a relayed connection', () => {
  let relayed: Channel;

  beforeEach(async () => {
    const wire = await deadWire();
    know([wire.address]);
    const opening = open();
    await eventually(() => expect(clock.pending).toBeGreaterThan(0));
    await clock.advance(defaultLimits.directHeadStartMs);
    relayed = await opening;
    await relayed.read();
    wire.mend();
    await eventually(async () => {
      const channel = await open();
      await channel.read();
      channel.abort(new Error('it was only to see'));
      expect(ways()).toEqual(['direct', 'relayed']);
    });
  });

  it('gives way to a direct one: what is new runs there, what runs stays', async () => {
    server.handle(PROTOCOL, async (channel) => void (await channel.write(new Uint8Array([2]))));
    const before = client.connections().length;
    expect(await (await open()).read()).toEqual(new Uint8Array([2]));
    expect(client.connections()).toHaveLength(before);
    await clock.advance(2 * defaultLimits.negotiationTimeoutMs);
    await relayed.write(new Uint8Array([3]));
    expect(ways()).toEqual(['direct', 'relayed']);
  });

  it('ends when nothing runs there any more', async () => {
    relayed.abort(new Error('done'));
    await relayed.closed;
    await eventually(async () => {
      await clock.advance(defaultLimits.negotiationTimeoutMs);
      expect(ways()).toEqual(['direct']);
    });
    await eventually(() =>
      expect(server.connections().filter(({ peerID }) => peerID === client.peerID)).toHaveLength(1),
    );
  });
});
