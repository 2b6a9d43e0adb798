import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { eventually } from '../../../../test/support/eventually.ts';
import {
  endpoint,
  intrude,
  LOOPBACK,
  startRelay,
  startTransport,
} from '../../../../test/support/transport-peers.ts';

const PROTOCOL = '/test/cycle/1.0.0';
const RECONNECTS = 10 * Number(process.env.PEERCOMPUTE_TEST_SCALE ?? 1);

let stop: AbortController;

beforeEach(() => {
  stop = new AbortController();
});

afterEach(() => stop.abort());

const handles = () => process.getActiveResourcesInfo().filter((name) => name.startsWith('TCP')).length;

test('closes its sockets when it is stopped, also those that have not said who they are', async () => {
  const server = await startTransport({ signal: stop.signal, listen: LOOPBACK });
  const port = endpoint(server);
  const outside = new AbortController();
  const { socket, closed } = intrude(port, outside.signal);
  await once(socket, 'connect');
  stop.abort();
  await closed;
  const refused = intrude(port, outside.signal).socket;
  expect(await once(refused, 'error')).toMatchObject([{ code: 'ECONNREFUSED' }]);
  outside.abort();
});

test.each([
  ['dials only', []],
  ['listens', LOOPBACK],
])(
  'lets the process end when it %s',
  async (_, listen) => {
    const script = `
    const { Libp2pTransport } = await import('./transport.ts');
    const { generateIdentity } = await import('../../identity/identity.ts');
    const clock = { now: () => 0, after: () => () => {} };
    const stop = new AbortController();
    const transport = new Libp2pTransport({ identity: generateIdentity(), clock }, { listen: ${JSON.stringify(listen)} });
    await transport.start(stop.signal);
    stop.abort();
  `;
    const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
      cwd: import.meta.dirname,
      env: { PATH: process.env.PATH },
      stdio: 'inherit',
    });
    expect(await once(child, 'exit')).toEqual([0, null]);
  },
  20_000,
);

test('a link that flaps leaves no handle behind', async () => {
  const { signal } = stop;
  const server = await startTransport({
    signal,
    listen: LOOPBACK,
    limits: { maxInboundPerSecondPerHost: 10_000 },
  });
  const client = await startTransport({ signal });
  server.allow([{ peerID: client.peerID, addresses: [] }]);
  server.handle(PROTOCOL, (channel) => channel.close());
  const before = handles();
  for (let round = 0; round < RECONNECTS; round++) {
    client.allow([{ peerID: server.peerID, addresses: server.addresses() }]);
    await client.open(server.peerID, PROTOCOL, signal);
    client.allow([]);
  }
  // Others may be closing theirs meanwhile.
  await eventually(() => expect(handles()).toBeLessThanOrEqual(before));
  expect([client.connections(), server.connections()]).toEqual([[], []]);
});

test('a channel that is opened for someone who has given up is given back', async () => {
  const { signal } = stop;
  const server = await startTransport({ signal, listen: LOOPBACK });
  const client = await startTransport({ signal });
  server.allow([{ peerID: client.peerID, addresses: [] }]);
  const served = Promise.withResolvers<void>();
  server.handle(PROTOCOL, async (channel) => {
    await channel.closed;
    served.resolve();
  });
  const relay = await startRelay(endpoint(server), signal);
  client.allow([{ peerID: server.peerID, addresses: [relay.address] }]);
  const caller = new AbortController();
  const opening = client.open(server.peerID, PROTOCOL, caller.signal);
  caller.abort(new Error('gave up'));
  await expect(opening).rejects.toThrow('gave up');
  await served.promise;
});
