import type { Route } from '../../api/v1alpha1/types.ts';
import { ALICE } from '../../test/support/objects.ts';
import { endWorlds, RouteWorld } from '../../test/support/route-world.ts';

const MINUTE_MS = 60_000;

describe('the traffic of a Route', () => {
  let gateway: RouteWorld;
  let route: Route;

  beforeEach(async () => {
    gateway = new RouteWorld();
    await gateway.start();
    gateway.router.connect(ALICE);
    route = await gateway.until(await gateway.ask('web'), 'Ready');
  });

  afterEach(endWorlds);

  const told = async () => (await gateway.now(route))?.status?.traffic;

  it('is told within a minute, and then left alone', async () => {
    expect(await told()).toEqual({ requests: 0, errors: 0 });
    gateway.router.counted = { requests: 7, errors: 2 };
    await gateway.clock.advance(2 * MINUTE_MS);
    expect(await told()).toEqual({ requests: 7, errors: 2 });
    await gateway.expectSettled();
  });

  it('is written once a minute at most, however much there is', async () => {
    const writes = await writesOf(async () => {
      for (let second = 0; second < 600; second++) {
        gateway.router.counted = { requests: second + 1, errors: 0 };
        await gateway.clock.advance(1_000);
      }
    });
    expect(writes).toBeGreaterThan(4);
    expect(writes).toBeLessThanOrEqual(10);
    expect((await told())?.requests).toBeGreaterThan(500);
  });

  it('goes with the host', async () => {
    gateway.signatureProblem = 'it was forged';
    await gateway.ask('web', { expose: { port: 81 } });
    await gateway.until(route, 'SignatureInvalid');
    expect(await told()).toBeUndefined();
  });

  async function writesOf(during: () => Promise<void>): Promise<number> {
    const end = new AbortController();
    const { resourceVersion } = await gateway.store.list('Route');
    const events = gateway.store.watch('Route', { resourceVersion, signal: end.signal });
    let writes = 0;
    const counting = (async () => {
      for await (const { type } of events) if (type === 'MODIFIED') writes += 1;
    })();
    await during();
    await gateway.clock.settle();
    end.abort();
    await counting;
    return writes;
  }
});
