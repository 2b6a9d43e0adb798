import { randomUUID } from 'node:crypto';
import type { TunnelEnd } from '../../agents/adapters/transport/tunnel/tunnel.ts';
import { eventually } from '../support/eventually.ts';
import { TestProvider } from '../support/gateway-provider.ts';
import { visit } from '../support/gateway-visitor.ts';
import { GatewayWorld } from '../support/gateway-world.ts';
import { collectGarbage } from '../support/rpc-heap.ts';

const HOST = 'web.example.com';
const RECONNECTS = Math.min(10_000, 100 * Number(process.env.PEERCOMPUTE_TEST_SCALE ?? 1));
/** Until caches are full and code is compiled. */
const WARM_UP = 60;
/** What comes and goes on the heap of a gateway, and what each of them may leave there besides, in bytes. */
const MAX_GROWTH = 800_000 + 300 * RECONNECTS;

let world: GatewayWorld;
let provider: TestProvider;

beforeEach(async () => {
  world = new GatewayWorld();
  await world.start();
  provider = new TestProvider(world, 'provider');
  await provider.start();
  await world.trust('provider', provider.identity, { grants: { expose: {} } });
});

afterEach(() => world.stop());

test(
  `G3: ${RECONNECTS} reconnects leave no handle behind, and no memory`,
  async () => {
    await eventually(() => expect(world.router.isAllowed(provider.identity.peerID)).toBe(true));
    // Without a Route: what the Store remembers of each change of its status would be measured too.
    const target = { owner: provider.identity.peerID, uid: randomUUID() };
    const backends = [{ provider: provider.identity.peerID, target }];
    world.router.serve([{ host: HOST, protocol: 'HTTP', backends }]);
    const dialer = provider.dialer();
    const { peerID } = world.identity;
    let tunnel: TunnelEnd | undefined;
    const reconnect = async (index: number) => {
      const before = tunnel;
      tunnel = await dialer.dial({ host: '127.0.0.1', port: world.port, peerID }, world.signal);
      expect(await visit(world, HOST)).toEqual([200, 'provider']);
      // It was replaced, or is gone already.
      await before?.closed;
      await WAYS[index % WAYS.length]?.(tunnel);
    };
    for (let index = 0; index < WARM_UP; index++) await reconnect(index);
    const [handles, heap] = [await restingHandles(), await collectGarbage()];
    for (let index = 0; index < RECONNECTS; index++) await reconnect(index);
    await eventually(async () => expect(await restingHandles()).toBeLessThanOrEqual(handles));
    expect((await collectGarbage()) - heap).toBeLessThan(MAX_GROWTH);
    expect([world.ingress.counters.connections, tunnel?.streams]).toEqual([0, 0]);
  },
  60_000 + 100 * RECONNECTS,
);

/** How a tunnel goes: by the provider, by the gateway, or only when the next one comes. */
const WAYS: ((tunnel: TunnelEnd) => unknown)[] = [
  (tunnel) => tunnel.close(),
  (tunnel) => {
    world.tunnels.get(provider.identity.peerID)?.close();
    return tunnel.closed;
  },
  () => undefined,
];

/** Sockets, servers and the like that are open while nothing happens. */
async function restingHandles(): Promise<number> {
  await eventually(() => expect(world.ingress.counters.connections).toBe(0));
  return process.getActiveResourcesInfo().filter((name) => name !== 'Immediate' && name !== 'Timeout').length;
}
