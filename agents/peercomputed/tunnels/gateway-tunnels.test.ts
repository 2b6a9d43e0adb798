import type { Channel } from '../../../controllers/ports/transport.ts';
import { eventually } from '../../../test/support/eventually.ts';
import { FakeClock } from '../../../test/support/fake-clock.ts';
import { ALICE, trustedPeer } from '../../../test/support/objects.ts';
import { silentLogger as logger } from '../../../test/support/silent.ts';
import type { TunnelAddress } from '../../adapters/transport/tunnel/dialer.ts';
import type { TunnelEnd } from '../../adapters/transport/tunnel/tunnel.ts';
import { GatewayTunnels } from './gateway-tunnels.ts';

const GATEWAY = { peerID: ALICE, port: 443, workers: 1 };

/** A tunnel that lasts until it is closed, or `lose` is called. */
function tunnel(): TunnelEnd & { lose(): void; isOpen: boolean } {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const end = {
    peerID: ALICE,
    roundTripMs: 0,
    streams: 0,
    isOpen: true,
    closed: promise,
    close: () => {
      end.isOpen = false;
      resolve(undefined);
    },
    lose: () => end.close(),
  };
  return end;
}

/** A gateway whose port for tunnels is closed at first. */
class World {
  readonly clock = new FakeClock();
  readonly stop = new AbortController();
  readonly direct: ReturnType<typeof tunnel>[] = [];
  readonly detours: ReturnType<typeof tunnel>[] = [];
  dialled: string[] = [];
  /** Protocols that detours were opened with. */
  opened: string[] = [];
  isPortOpen = false;
  isReached = true;

  readonly tunnels = new GatewayTunnels({
    dialer: {
      dial: async ({ host, port, slot }: TunnelAddress, signal: AbortSignal) => {
        this.dialled.push(`${host}:${port}${slot === 0 ? '' : ` worker ${slot}`}`);
        if (!this.isPortOpen) throw new Error('connection refused');
        return this.#opened(this.direct, signal);
      },
      over: async (_channel: Channel, signal: AbortSignal) => this.#opened(this.detours, signal),
    },
    transport: {
      open: async (_peerID: string, protocol: string) => {
        this.opened.push(protocol);
        if (!this.isReached) throw new Error('nobody answers');
        return {} as Channel;
      },
    },
    trustedPeers: () => [trustedPeer('gateway', ALICE, { addresses: ['/dns4/gw.example.com/tcp/8443'] })],
    clock: this.clock,
    logger,
  });

  start(): void {
    void this.tunnels.start(this.stop.signal);
    this.tunnels.keep([GATEWAY]);
  }

  #opened(list: ReturnType<typeof tunnel>[], signal: AbortSignal): TunnelEnd {
    const opened = tunnel();
    list.push(opened);
    signal.addEventListener('abort', () => opened.close());
    return opened;
  }
}

describe('the tunnels of a provider', () => {
  let world: World;

  beforeEach(() => {
    world = new World();
  });

  afterEach(() => world.stop.abort());

  it('are dialled where the gateway is, and again when they are lost', async () => {
    world.isPortOpen = true;
    world.start();
    await eventually(() => expect(world.direct.length).toBe(1));
    expect(world.dialled).toEqual(['gw.example.com:443']);
    world.direct[0]?.lose();
    await eventually(() => expect(world.clock.pending).toBe(1));
    await world.clock.advance(1_000);
    await eventually(() => expect(world.direct.length).toBe(2));
    expect(world.detours).toEqual([]);
  });

  it('are as many as the gateway has workers, one to each, and go with them', async () => {
    world.isPortOpen = true;
    world.start();
    world.tunnels.keep([{ ...GATEWAY, workers: 2 }]);
    await eventually(() => expect(world.direct.length).toBe(2));
    expect(world.dialled).toEqual(['gw.example.com:443', 'gw.example.com:443 worker 1']);
    world.tunnels.keep([GATEWAY]);
    await eventually(() => expect(world.direct.map(({ isOpen }) => isOpen)).toEqual([true, false]));
  });

  it('to workers have detours of their own', async () => {
    world.start();
    world.tunnels.keep([{ ...GATEWAY, workers: 2 }]);
    await eventually(() => expect(world.detours.length).toBe(2));
    expect(world.opened).toEqual(['/peercompute/tunnel/1.0.0', '/peercompute/tunnel/1.0.0/1']);
  });

  it('are dialled again at once, however often the network has taken them', async () => {
    world.isPortOpen = true;
    world.start();
    for (let lost = 1; lost <= 20; lost++) {
      await eventually(() => expect(world.direct.length).toBe(lost));
      await world.clock.advance(10_000);
      world.direct.at(-1)?.lose();
      await eventually(() => expect(world.clock.pending).toBe(1));
      await world.clock.advance(1_000);
    }
    await eventually(() => expect(world.direct.length).toBe(21));
  });

  it('are dialled ever less often where the gateway lets nobody stay', async () => {
    world.isPortOpen = true;
    world.start();
    const waits: number[] = [];
    for (let tunnels = 1; tunnels <= 6; tunnels++) {
      const from = world.clock.now();
      await eventually(async () => {
        if (tunnels > 1) await world.clock.advance(100);
        expect(world.direct.length).toBe(tunnels);
      });
      waits.push(world.clock.now() - from);
      world.direct.at(-1)?.lose();
      await eventually(() => expect(world.clock.pending).toBe(1));
    }
    expect(waits.at(-1)).toBeGreaterThan(1_500);
  });

  it('go over the control connection where no other way is open, until one is', async () => {
    world.start();
    await eventually(() => expect(world.detours.length).toBe(1));
    await eventually(() => expect(world.clock.pending).toBe(1));
    await world.clock.advance(60_000);
    await eventually(() => expect([world.dialled.length, world.clock.pending]).toEqual([2, 1]));
    expect(world.detours[0]?.isOpen).toBe(true);
    world.isPortOpen = true;
    await world.clock.advance(60_000);
    await eventually(() => expect(world.direct.length).toBe(1));
    await eventually(() => expect(world.detours[0]?.isOpen).toBe(false));
    expect(world.direct[0]?.isOpen).toBe(true);
    expect([world.detours.length, world.clock.pending]).toEqual([1, 0]);
  });

  it('make a new detour when that is lost, and leave no attempt behind that would take its place', async () => {
    world.start();
    await eventually(() => expect(world.detours.length).toBe(1));
    await eventually(() => expect(world.clock.pending).toBe(1));
    world.detours[0]?.lose();
    await world.clock.advance(1_000);
    await eventually(() => expect(world.detours.length).toBe(2));
    await eventually(() => expect(world.clock.pending).toBe(1));
  });

  it('say why there is none, and go on trying', async () => {
    world.isReached = false;
    world.start();
    await eventually(() => expect(world.dialled.length).toBe(1));
    await eventually(() => expect(world.clock.pending).toBe(1));
    world.isReached = true;
    await world.clock.advance(30_000);
    await eventually(() => expect(world.detours.length).toBe(1));
  });

  it('end with the signal, detours too', async () => {
    world.start();
    await eventually(() => expect(world.detours.length).toBe(1));
    await eventually(() => expect(world.clock.pending).toBe(1));
    world.stop.abort();
    await eventually(() => expect([world.detours[0]?.isOpen, world.clock.pending]).toEqual([false, 0]));
  });
});
