import { once } from 'node:events';
import { StatusError } from '../../../api/meta/status-error.ts';
import type { HostRoute } from '../../../controllers/ports/router.ts';
import { eventually } from '../../../test/support/eventually.ts';
import { ALICE, BOB } from '../../../test/support/objects.ts';
import { WorkerPoolWorld } from '../../../test/support/worker-pool-world.ts';
import type { Credential } from '../certificates/credential.ts';
import { newCounters } from '../ingress/http1/observer.ts';

const HOST = 'web.example.com';
const BACKEND = { provider: ALICE, target: { owner: BOB, uid: 'u' } };
const ROUTE: HostRoute = { host: HOST, protocol: 'HTTP', backends: [BACKEND] };
const CHALLENGE = { type: 'http-01' as const, host: HOST, token: 't', keyAuthorization: 't.k' };

describe('workers', () => {
  let world: WorkerPoolWorld;

  beforeEach(async () => {
    world = new WorkerPoolWorld();
    await world.start();
  });

  afterEach(() => world.end());

  it('get connections in turn, and whoever is behind gets none', async () => {
    const sockets = [await world.visit(), await world.visit(), await world.visit(), await world.visit()];
    expect(world.workers.map((worker) => worker.handed().length)).toEqual([2, 2]);
    world.worker(0).isAwake = false;
    for (let visits = 0; visits < 4; visits++) sockets.push(await world.visit());
    expect(world.worker(0).handed().length).toBeLessThanOrEqual(3);
    for (const socket of sockets) socket.destroy();
  });

  it('are told all that there is before anything else when they take the place of another', async () => {
    world.served.put('a', {
      names: [HOST],
      notAfter: 1,
      chain: 'chain',
      key: 'key',
    } as unknown as Credential);
    const answered = world.served.answer(CHALLENGE);
    world.pool.router.allow(new Set([ALICE]));
    world.pool.router.serve([ROUTE]);
    const fresh = await world.replace(1);
    expect(fresh.heard).toMatchObject([
      { type: 'welcome', slot: 1 },
      { type: 'ask', question: { change: { type: 'put', id: 'a', chain: 'chain', key: 'key' } } },
      { type: 'ask', question: { change: { type: 'answer', challenge: CHALLENGE } } },
      { type: 'allow', peerIDs: new Set([ALICE]) },
      { type: 'serve', routes: [ROUTE] },
    ]);
    for (const id of world.worker(0).questions('served')) world.worker(0).say({ type: 'answer', id });
    await answered;
  });

  it('have all to answer a challenge before the CA is told', async () => {
    let isServed = false;
    const answered = world.served.answer(CHALLENGE).then(() => {
      isServed = true;
    });
    const [first = -1] = world.worker(0).questions('served');
    world.worker(0).say({ type: 'answer', id: first });
    await world.clock.advance(1);
    expect(isServed).toBe(false);
    const [second = -1] = world.worker(1).questions('served');
    world.worker(1).say({ type: 'answer', id: second });
    await answered;
  });

  it('count on where another ended; what there is now ends with it', async () => {
    world.pool.router.serve([ROUTE]);
    const counters = { ...newCounters(), requests: 3, connections: 2 };
    const traffic = new Map([[HOST, { requests: 3, errors: 1 }]]);
    for (const worker of world.workers) worker.report({ counters, traffic });
    expect(world.pool.counters).toMatchObject({ requests: 6, connections: 4 });
    const fresh = await world.replace(0);
    expect(world.pool.counters).toMatchObject({ requests: 6, connections: 2 });
    fresh.report({ counters: { ...newCounters(), requests: 1, connections: 1 }, traffic: new Map() });
    expect(world.pool.counters).toMatchObject({ requests: 7, connections: 3 });
    expect(world.pool.router.traffic(HOST)).toEqual({ requests: 6, errors: 2 });
  });

  it('have tunnels that are counted, also when they go with them', async () => {
    const changes: string[] = [];
    world.pool.router.onTunnelChange((provider) => changes.push(provider));
    const { router } = world.pool;
    world.worker(0).tunnel(ALICE);
    expect([router.tunnels(ALICE), router.tunnels(BOB), router.endpoint.workers]).toEqual([1, 0, 2]);
    world.worker(1).tunnel(ALICE);
    world.worker(1).tunnel(ALICE);
    expect([router.tunnels(ALICE), world.pool.tunnelCount]).toEqual([2, 2]);
    await world.replace(1);
    expect(router.tunnels(ALICE)).toBe(1);
    world.worker(0).tunnel(ALICE, false);
    expect([router.tunnels(ALICE), changes.length]).toEqual([0, 5]);
  });

  it('get no visitors before they have the tunnels of the others, unless that takes too long', async () => {
    world.worker(0).tunnel(ALICE);
    world.worker(0).tunnel(BOB);
    const fresh = await world.replace(1);
    fresh.say({ type: 'open' });
    fresh.tunnel(ALICE);
    const sockets = [await world.visit(), await world.visit()];
    expect([world.worker(0).handed().length, fresh.handed().length]).toEqual([2, 0]);
    fresh.tunnel(BOB);
    sockets.push(await world.visit(), await world.visit());
    expect([world.worker(0).handed().length, fresh.handed().length]).toEqual([3, 1]);
    const slow = await world.replace(2);
    slow.say({ type: 'open' });
    await world.clock.advance(5_000);
    sockets.push(await world.visit(), await world.visit());
    expect(slow.handed().length).toBe(1);
    for (const socket of sockets) socket.destroy();
  });

  it('get tunnels that are meant for them, and visitors whom they alone can serve', async () => {
    world.pool.router.serve([ROUTE]);
    world.worker(1).tunnel(ALICE);
    const visitor = await world.visit();
    const [passed] = world.worker(0).sockets;
    const read = new Uint8Array([1]);
    world.worker(0).say({ type: 'visitor for', host: HOST, read }, passed);
    expect(world.worker(1).heard.at(-1)).toEqual({ type: 'visitor', read });
    world.worker(1).say({ type: 'tunnel for', slot: 0, read }, passed);
    expect(world.worker(0).heard.at(-1)).toEqual({ type: 'tunnel', read });
    // Nobody can serve him: whoever has him says so.
    world.worker(0).say({ type: 'visitor for', host: 'other.example.com', read }, passed);
    expect(world.worker(0).heard.at(-1)).toEqual({ type: 'visitor', read });
    world.worker(1).say({ type: 'tunnel for', slot: 2, read }, passed);
    await once(visitor.resume(), 'close');
  });

  it('are probed where there is a tunnel, and all of these have to answer', async () => {
    const { router } = world.pool;
    const { signal } = new AbortController();
    await expect(router.probe(ROUTE, BACKEND, signal)).rejects.toThrow('has no tunnel to this gateway');
    world.worker(1).tunnel(ALICE);
    const one = router.probe(ROUTE, BACKEND, signal);
    expect(world.worker(0).questions('probe')).toEqual([]);
    world.worker(1).say({ type: 'answer', id: world.worker(1).questions('probe')[0] ?? -1 });
    await one;
    world.worker(0).tunnel(ALICE);
    const both = router.probe(ROUTE, BACKEND, signal);
    const problem = {
      reason: 'ServiceUnavailable',
      message: 'no',
      details: { cause: 'NotAnswering' },
    } as const;
    world.worker(0).say({ type: 'answer', id: world.worker(0).questions('probe')[0] ?? -1, problem });
    world.worker(1).say({ type: 'answer', id: world.worker(1).questions('probe')[1] ?? -1 });
    await expect(both).rejects.toEqual(
      new StatusError('ServiceUnavailable', 'no', { cause: 'NotAnswering' }),
    );
  });

  it('that end during a probe do not count, unless nobody is left', async () => {
    const { signal } = new AbortController();
    for (const worker of world.workers) worker.tunnel(ALICE);
    const probe = world.pool.router.probe(ROUTE, BACKEND, signal);
    await world.replace(0);
    world.worker(1).say({ type: 'answer', id: world.worker(1).questions('probe')[0] ?? -1 });
    await probe;
    const last = world.pool.router.probe(ROUTE, BACKEND, signal);
    const refused = expect(last).rejects.toThrow('has no tunnel to this gateway');
    await world.replace(1);
    await refused;
  });

  it('are not waited for by whoever has lost interest in a probe', async () => {
    const over = new AbortController();
    world.worker(0).tunnel(ALICE);
    const probe = world.pool.router.probe(ROUTE, BACKEND, over.signal);
    over.abort(new Error('enough'));
    await expect(probe).rejects.toThrow('enough');
    const [id = -1] = world.worker(0).questions('probe');
    expect(world.worker(0).heard).toContainEqual({ type: 'cancel', id });
  });

  it('are killed when they say nothing for half a minute', async () => {
    await world.clock.advance(29_000);
    world.worker(0).report({});
    await world.clock.advance(2_000);
    expect([world.worker(0).isKilled, world.worker(1).isKilled]).toEqual([false, true]);
  });

  it('close what was on its way to them when they end', async () => {
    world.worker(0).isAwake = false;
    const sockets = [await world.visit(), await world.visit()];
    const closed = Promise.race(sockets.map((socket) => once(socket.resume(), 'close')));
    world.worker(0).exit('SIGKILL');
    await closed;
    expect(sockets.filter((socket) => socket.closed).length).toBe(1);
    for (const socket of sockets) socket.destroy();
  });

  it('are replaced later and later where they keep ending', async () => {
    const waits = () => world.logger.at('warn').map(({ fields }) => fields.retryMs);
    for (const index of [0, 2, 3, 4]) await world.replace(index);
    expect(waits()).toEqual([100, 200, 400, 800]);
    expect(world.logger.at('warn')[0]?.fields).toEqual({
      worker: 0,
      pid: 4711,
      how: 'SIGKILL',
      retryMs: 100,
    });
  });

  it('are told to stop, and killed when they do not', async () => {
    world.stop.abort();
    expect(world.workers.map(({ heard }) => heard.at(-1))).toEqual([{ type: 'stop' }, { type: 'stop' }]);
    world.worker(0).exit('exit code 0');
    await world.clock.advance(15_000);
    await world.pool.ended;
    expect(world.workers.map(({ isKilled }) => isKilled)).toEqual([false, true]);
    expect(world.workers.length).toBe(2);
  });
});

it('A pool whose first worker ends at once does not start, and leaves none behind', async () => {
  const world = new WorkerPoolWorld();
  const started = world.pool.start(world.stop.signal);
  await eventually(() => expect(world.workers.length).toBe(2));
  world.worker(0).exit('exit code 1');
  await expect(started).rejects.toThrow('a worker ended while it was starting: exit code 1');
  expect(world.worker(1).heard.at(-1)).toEqual({ type: 'stop' });
  await world.end();
});
