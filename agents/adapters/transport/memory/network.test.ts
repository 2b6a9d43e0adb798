import type { Channel } from '../../../../controllers/ports/transport.ts';
import { FakeClock } from '../../../../test/support/fake-clock.ts';
import { MemoryNetwork } from './network.ts';
import { MemoryTransport } from './transport.ts';

const PROTOCOL = '/test/1.0.0';
const HELLO = new TextEncoder().encode('hello');
const { signal } = new AbortController();

let clock: FakeClock;

beforeEach(() => {
  clock = new FakeClock();
});

async function connect(delayMilliseconds = 0) {
  const network = new MemoryNetwork({ clock }, { delayMilliseconds });
  const client = new MemoryTransport({ network, clock }, { peerID: 'client', listen: false });
  const server = new MemoryTransport({ network, clock }, { peerID: 'server' });
  for (const transport of [client, server]) await transport.start(signal);
  client.allow([{ peerID: 'server', addresses: server.addresses() }]);
  server.allow([{ peerID: 'client', addresses: [] }]);
  const accepted = Promise.withResolvers<Channel>();
  server.handle(PROTOCOL, async (channel) => accepted.resolve(channel));
  const near = await client.open('server', PROTOCOL, signal);
  return { network, client, near, accepted: accepted.promise };
}

test('a cut breaks what is open and lets nothing new through until it is healed', async () => {
  const { network, client, near, accepted } = await connect();
  const far = await accepted;
  network.cut('server', 'client');
  await expect(near.read()).rejects.toMatchObject({ details: { cause: 'PeerUnreachable' } });
  await expect(far.read()).rejects.toMatchObject({ details: { cause: 'PeerUnreachable' } });
  const again = () => client.open('server', PROTOCOL, signal);
  await expect(again()).rejects.toMatchObject({ details: { cause: 'PeerUnreachable' } });
  network.heal('client', 'server');
  await (await again()).close();
});

test('a cut between two peers is none between others', async () => {
  const { network, near, accepted } = await connect();
  network.cut('client', 'someone else');
  await near.write(HELLO);
  expect(await (await accepted).read()).toEqual(HELLO);
});

test('a long wire delivers late, in order, the end last', async () => {
  const { near, accepted } = await connect(50);
  await near.write(HELLO);
  await near.close();
  let arrived = false;
  const reading = accepted.then(async (far) => [await far.read(), await far.read()]);
  void reading.then(() => {
    arrived = true;
  });
  await clock.advance(49);
  expect(arrived).toBe(false);
  await clock.advance(1);
  expect(await reading).toEqual([HELLO, undefined]);
});

test('an abort on a long wire is seen by the other side after its delay', async () => {
  const { near, accepted } = await connect(50);
  await clock.advance(50);
  const far = await accepted;
  near.abort(new Error('no'));
  await near.closed;
  const reading = expect(far.read()).rejects.toThrow('aborted the channel');
  await clock.advance(50);
  await reading;
});
