import { createServer } from 'node:http';
import { generateIdentity } from '../../agents/adapters/identity/identity.ts';
import { eventually } from '../support/eventually.ts';
import { TestProvider } from '../support/gateway-provider.ts';
import { visit } from '../support/gateway-visitor.ts';
import { GatewayWorld } from '../support/gateway-world.ts';
import { HalfOpenProxy } from '../support/half-open-proxy.ts';

const CYCLES = Math.min(100, 2 * Number(process.env.PEERCOMPUTE_TEST_SCALE ?? 1));
const NOTICED_MS = 15_000;
const BACK_MS = 5_000;

let world: GatewayWorld;
let proxy: HalfOpenProxy;

beforeEach(async () => {
  world = new GatewayWorld();
  await world.start();
  proxy = new HalfOpenProxy();
});

afterEach(async () => {
  proxy.stop();
  await world.stop();
});

test(
  `G1: a tunnel through a network that has gone silent is noticed at both ends and comes back, ${CYCLES} of ${CYCLES} times`,
  async () => {
    const [provider, owner] = [slowProvider(world), generateIdentity()];
    await provider.start();
    await world.trust('provider', provider.identity, { grants: { expose: {} } });
    await world.trust('owner', owner);
    provider.keepUp(await proxy.start(world.port));
    const host = (await world.until(await provider.expose(owner, 'web'), 'Ready')) ?? '';
    expect(host).toBe('web-owner.example.com');
    for (let cycle = 1; cycle <= CYCLES; cycle++) await playCycle(host, provider, cycle);
  },
  CYCLES * (NOTICED_MS + BACK_MS) + 30_000,
);

/** Requests for `/slow`, which are never answered. */
let slow = 0;

function slowProvider(gateway: GatewayWorld): TestProvider {
  const container = createServer((request, response) => {
    if (request.url === '/slow') slow += 1;
    else response.end('here');
  });
  return new TestProvider(gateway, 'provider', container);
}

async function playCycle(host: string, provider: TestProvider, cycle: number): Promise<void> {
  const lost = () => provider.logger.lines.filter(({ message }) => message === 'Tunnel was lost').length;
  const before = lost();
  const underWay = visit(world, host, '/slow');
  await eventually(() => expect(slow).toBe(cycle));
  proxy.freeze();
  const noticing = { timeoutMs: NOTICED_MS, intervalMs: 20 };
  await eventually(async () => {
    expect(world.router.tunnels(provider.identity.peerID)).toBe(0);
    expect(lost()).toBeGreaterThan(before);
  }, noticing);
  // Nobody hangs: neither whoever was there before, nor whoever comes now.
  expect((await underWay)[0]).toBe(502);
  expect((await visit(world, host))[0]).toBe(503);
  proxy.heal();
  const back = { timeoutMs: BACK_MS, intervalMs: 20 };
  await eventually(
    async () => expect([cycle, await visit(world, host)]).toEqual([cycle, [200, 'here']]),
    back,
  );
}
