import { PassThrough } from 'node:stream';
import { FakeClock } from '../../../test/support/fake-clock.ts';
import { ALICE, BOB, CAROL } from '../../../test/support/objects.ts';
import { type Tunnel, TunnelError } from '../../adapters/transport/tunnel/tunnel.ts';
import { TunnelRouter } from './tunnel-router.ts';
import { TunnelTable } from './tunnels.ts';
import type { TunnelUpstream } from './upstreams.ts';

const HOST = 'web.example.com';
const TARGET = { owner: CAROL, uid: '3f0a6a52-8a2e-4bd7-9d1e-0c6e5a6f9b10' };

/** A host on two providers, each of which can have no replica that is ready. */
class World {
  readonly clock = new FakeClock();
  readonly tunnels = new TunnelTable();
  readonly router = new TunnelRouter({ tunnels: this.tunnels, clock: this.clock });
  readonly notReady = new Set<string>();
  readonly asked: string[] = [];
  readonly signal = new AbortController().signal;

  constructor() {
    for (const peerID of [ALICE, BOB]) this.tunnels.add(this.#tunnel(peerID));
    this.router.serve([
      {
        host: HOST,
        protocol: 'HTTP',
        backends: [ALICE, BOB].map((provider) => ({ provider, target: TARGET })),
      },
    ]);
  }

  find(current?: TunnelUpstream): TunnelUpstream {
    return this.router.find(HOST, current) as TunnelUpstream;
  }

  /** Whom a request goes to. */
  async goesTo(current?: TunnelUpstream): Promise<string | undefined> {
    await this.find(current).open(this.signal);
    return this.asked.at(-1);
  }

  #tunnel(peerID: string): Tunnel {
    const open = () => {
      this.asked.push(peerID);
      const stream = new PassThrough();
      setImmediate(() => {
        if (this.notReady.has(peerID)) stream.destroy(new TunnelError('NotReady', 'no replica is ready'));
        else stream.emit('connect');
      });
      return stream;
    };
    return { peerID, open, closed: new Promise(() => {}), close: () => {} } as unknown as Tunnel;
  }
}

describe('the upstreams of a host', () => {
  let world: World;

  beforeEach(() => {
    world = new World();
  });

  it('take turns, whoever has the least to do', async () => {
    expect(
      [await world.goesTo(), await world.goesTo(), await world.goesTo(), await world.goesTo()].sort(),
    ).toEqual([ALICE, ALICE, BOB, BOB].sort());
  });

  it('stand in for one that cannot be reached, and do not ask it again for a while', async () => {
    world.notReady.add(ALICE);
    expect(await world.goesTo()).toBe(BOB);
    for (let request = 0; request < 5; request++) expect(await world.goesTo()).toBe(BOB);
    expect(world.asked.filter((peerID) => peerID === ALICE)).toHaveLength(1);
    world.notReady.clear();
    await world.clock.advance(5_000);
    expect(await world.goesTo()).toBe(ALICE);
  });

  it('keep a client where it is, unless that cannot be reached', async () => {
    const first = world.find();
    await first.open(world.signal);
    expect(world.find(first)).toBe(first);
    world.notReady.add(ALICE);
    expect(await world.goesTo(first)).toBe(BOB);
    expect(world.find(first)).not.toBe(first);
  });

  it('say so when none can be reached', async () => {
    world.notReady.add(ALICE).add(BOB);
    await expect(world.find().open(world.signal)).rejects.toMatchObject({ reason: 'NotReady' });
    // There is nobody else to ask.
    await expect(world.find().open(world.signal)).rejects.toMatchObject({ reason: 'NotReady' });
  });
});
