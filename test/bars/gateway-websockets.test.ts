import { once } from 'node:events';
import { connect } from 'node:tls';
import { generateIdentity } from '../../agents/adapters/identity/identity.ts';
import { eventually } from '../support/eventually.ts';
import { newProvider } from '../support/gateway-provider.ts';
import { visit } from '../support/gateway-visitor.ts';
import { echoingContainer, WebSockets } from '../support/gateway-websockets.ts';
import { GatewayWorld } from '../support/gateway-world.ts';

const COUNT = Math.min(1_000, 100 * Number(process.env.PEERCOMPUTE_TEST_SCALE ?? 1));
const DAY_MS = 86_400_000;

let world: GatewayWorld;

beforeEach(async () => {
  world = new GatewayWorld();
  await world.start();
});

afterEach(() => world.stop());

/** What a visitor who comes now is shown. */
async function serialNumber(host: string): Promise<string> {
  const socket = connect({
    host: '127.0.0.1',
    port: world.port,
    servername: host,
    rejectUnauthorized: false,
  });
  await once(socket, 'secureConnect');
  const { serialNumber } = socket.getPeerCertificate();
  socket.destroy();
  return serialNumber;
}

test(`G2: neither another's Route nor a new certificate drops any of ${COUNT} WebSockets`, async () => {
  const owner = generateIdentity();
  await world.trust('owner', owner);
  const provider = await newProvider(world, 'provider', echoingContainer());
  const key = await provider.expose(owner, 'web');
  const host = (await world.until(key, 'Ready')) ?? '';
  const visitors = new WebSockets();
  await visitors.open(COUNT, host, world.port);
  const stays = async () => expect([visitors.dropped, await visitors.echo()]).toEqual([0, COUNT]);
  await stays();

  const other = await newProvider(world, 'other');
  const unrelated = await other.expose(owner, 'shop');
  expect(await visit(world, (await world.until(unrelated, 'Ready')) ?? '')).toEqual([200, 'other']);
  await stays();

  await world.store.delete(unrelated);
  await eventually(async () => expect((await visit(world, 'shop-owner.example.com'))[0]).toBe(404));
  await world.store.delete({ kind: 'TrustedPeer', name: 'other' });
  await eventually(() => expect(world.router.tunnels(other.identity.peerID)).toBe(0));
  await stays();

  const before = await serialNumber(host);
  await eventually(async () => {
    await world.calendar.advance(DAY_MS);
    expect(await serialNumber(host)).not.toBe(before);
  });
  await stays();
  visitors.terminate();
}, 120_000);
