import { setImmediate } from 'node:timers/promises';
import {
  FIRST_REQUEST_TIMEOUT_MS,
  FRAME_TIMEOUT_MS,
  MAX_REQUESTS_PER_STREAM,
  WRITE_TIMEOUT_MS,
} from '../../../api/protocol/limits.ts';
import { STORE_PROTOCOL } from '../../../api/protocol/protocols.ts';
import type { Store } from '../../../controllers/ports/store.ts';
import { eventually } from '../../../test/support/eventually.ts';
import { forge } from '../../../test/support/rpc-forge.ts';
import { collectGarbage } from '../../../test/support/rpc-heap.ts';
import { ownedStore } from '../../../test/support/rpc-owned-store.ts';
import {
  introduce,
  newPeer,
  type Peers,
  type PeersInit,
  startPeers,
} from '../../../test/support/rpc-peers.ts';
import { openStream, outcomeOf } from '../../../test/support/rpc-stream.ts';
import { web, webKey } from '../../../test/support/store-objects.ts';
import { RemoteStore } from './remote-store.ts';

const UID = '11111111-2222-4333-8444-555555555555';

let peers: Peers;
const start = async (init?: PeersInit) => {
  peers = await startPeers(init);
};
afterEach(() => peers.stop());

/** A Store whose `get` is the test's own. */
const storeWith = (get: () => Promise<never>) => ({
  storeFor: (owner: string, store: Store) => ({ ...ownedStore(store, owner), get: get as Store['get'] }),
});

const honest = () => ({
  identity: peers.developer.identity,
  audience: peers.provider.identity.peerID,
  now: peers.clock.now(),
});

describe('requests', () => {
  it('on one stream are answered side by side, but never more than its limit at a time', async () => {
    let running = 0;
    let most = 0;
    const gate = Promise.withResolvers<void>();
    await start(
      storeWith(async () => {
        most = Math.max(most, ++running);
        await gate.promise;
        running--;
        return undefined as never;
      }),
    );
    const asked = Array.from({ length: 3 * MAX_REQUESTS_PER_STREAM }, () => peers.remote.get(webKey('web')));
    await eventually(() => expect(most).toBe(MAX_REQUESTS_PER_STREAM));
    gate.resolve();
    await Promise.all(asked);
    expect(most).toBe(MAX_REQUESTS_PER_STREAM);
  });

  it('a slow one does not hold up the others', async () => {
    const gate = Promise.withResolvers<never>();
    await start(storeWith(() => gate.promise));
    const slow = peers.remote.get(webKey('web'));
    expect(await peers.remote.list('Deployment')).toMatchObject({ items: [] });
    gate.resolve(undefined as never);
    expect(await slow).toBeUndefined();
  });

  it('that make the Store fail are answered without its words, which the log has', async () => {
    await start(storeWith(() => Promise.reject(new TypeError('secret path /home/alice'))));
    await expect(peers.remote.get(webKey('web'))).rejects.toMatchObject({
      reason: 'InternalError',
      message: expect.not.stringContaining('secret'),
    });
    expect(peers.logger.at('error')).toMatchObject([
      { message: 'a request failed', fields: { verb: 'get' } },
    ]);
  });

  it('of a peer that there is no Store for cost it the stream', async () => {
    await start({
      storeFor: () => {
        throw new TypeError('nobody is served');
      },
    });
    await expect(peers.remote.get(webKey('web'))).rejects.toMatchObject({ reason: 'ServiceUnavailable' });
  });

  it('of one object that come together keep its generations in order', async () => {
    await start();
    const generations = Array.from({ length: 12 }, (_, index) => index + 1);
    const shuffled = generations.toSorted((a, b) => ((a * 7) % 13) - ((b * 7) % 13));
    await Promise.allSettled(
      shuffled.map((generation) =>
        peers.remote.apply(web('web', { replicas: generation }, { uid: UID, generation })),
      ),
    );
    expect(await peers.remote.get(webKey('web'))).toMatchObject({ spec: { replicas: 12 } });
  });

  it('of one owner do not wait for a write of another who uses the same name', async () => {
    const gate = Promise.withResolvers<never>();
    const slow: string[] = [];
    await start({
      storeFor: (owner, store) => {
        const own = ownedStore(store, owner);
        return slow.includes(owner) ? { ...own, apply: () => gate.promise } : own;
      },
    });
    const other = newPeer(peers.network, peers.clock);
    introduce(peers.developer, peers.provider, other);
    await other.transport.start(new AbortController().signal);
    slow.push(other.identity.peerID);
    const { peerID } = peers.provider.identity;
    const object = web('web', {}, { uid: UID, generation: 1 });
    const theirs = new RemoteStore({ ...other, clock: peers.clock }, { peerID }).apply(object);
    expect((await peers.remote.apply(object)).operation).toBe('created');
    gate.reject(new Error('enough'));
    await expect(theirs).rejects.toMatchObject({ reason: 'InternalError' });
  });

  it('that the guard cannot record are refused', async () => {
    await start({
      log: {
        load: async function* () {
          yield* [];
        },
        append: () => Promise.reject(new Error('ENOSPC')),
        replace: async () => {},
        close: async () => {},
      },
    });
    await expect(peers.remote.get(webKey('web'))).rejects.toMatchObject({ reason: 'ServiceUnavailable' });
  });
});

describe('a stream', () => {
  beforeEach(() => start());

  it('that its peer half-closes is answered to the end and closed', async () => {
    const stream = await openStream(peers);
    await stream.send(await forge(honest()));
    await stream.channel.close();
    expect(await stream.answer()).toEqual({ type: 'object' });
    await stream.channel.read();
    await stream.channel.closed;
  });

  it('that its peer half-closes ends its watches', async () => {
    const stream = await openStream(peers);
    await stream.send(await forge(honest(), { claims: { verb: 'watch', name: undefined } }));
    expect(await stream.answer()).toMatchObject({ type: 'bookmark' });
    await stream.channel.close();
    expect(await stream.channel.read()).toBeUndefined();
  });

  it('ends when the server does, and later ones are refused', async () => {
    const stream = await openStream(peers);
    await stream.send(await forge(honest()));
    await stream.answer();
    peers.stop();
    expect(await stream.answer()).toBe('dropped');
  });

  it.each([
    ['on which nothing comes', FIRST_REQUEST_TIMEOUT_MS, new Uint8Array()],
    ['on which half a length comes', FRAME_TIMEOUT_MS, Uint8Array.of(0, 0)],
    ['on which half a frame comes', FRAME_TIMEOUT_MS, Uint8Array.of(0, 0, 1, 0, 1, 2, 3)],
  ])('%s is dropped in time', async (_, milliseconds, bytes) => {
    const stream = await openStream(peers);
    if (bytes.length > 0) await stream.send(bytes);
    let dropped = false;
    void stream.channel.closed.then(() => (dropped = true));
    await peers.clock.advance(milliseconds - 1);
    expect(dropped).toBe(false);
    await peers.clock.advance(1);
    await eventually(() => dropped);
    expect(peers.clock.pending).toBe(0);
  });

  it('that trickles a frame byte by byte is dropped in time', async () => {
    const stream = await openStream(peers);
    const bytes = await forge(honest());
    let dropped = false;
    void stream.channel.closed.then(() => (dropped = true));
    for (const byte of bytes.subarray(0, 20)) {
      if (!dropped) await stream.send(Uint8Array.of(byte));
      await peers.clock.advance(1_000);
    }
    expect(dropped).toBe(true);
  });

  it('that ends within a frame is dropped', async () => {
    const stream = await openStream(peers);
    await stream.send((await forge(honest())).subarray(0, 50));
    await stream.channel.close();
    expect(await stream.answer()).toBe('dropped');
  });

  it('on which an answer is not taken in time is dropped', async () => {
    const env = Array.from({ length: 20 }, (_, i) => ({ name: `A${i}`, value: 'x'.repeat(32_000) }));
    const containers = [{ name: 'web', image: 'a/b', env }];
    await peers.remote.apply(web('web', { template: { spec: { containers } } }, { uid: UID, generation: 1 }));
    const stream = await openStream(peers);
    await stream.send(await forge(honest()));
    let dropped = false;
    void stream.channel.closed.then(() => (dropped = true));
    await eventually(() => peers.clock.pending > 0);
    await peers.clock.advance(WRITE_TIMEOUT_MS);
    await eventually(() => dropped);
  });

  it('with garbage costs the server nothing that stays', async () => {
    const noise = (seed: number) => Uint8Array.from({ length: 300 }, (_, i) => (i * seed * 31 + seed) % 256);
    const round = async (seed: number) => {
      const stream = await openStream(peers);
      await stream.send(noise(seed));
      if (seed % 3 === 0) await stream.channel.close();
      else if (seed % 3 === 1) stream.channel.abort(new Error('gone'));
      await peers.clock.advance(FRAME_TIMEOUT_MS);
      await stream.channel.closed;
    };
    for (let seed = 1; seed < 100; seed++) await round(seed);
    peers.logger.lines.length = 0;
    const before = await collectGarbage();
    for (let seed = 1; seed < 1_000; seed++) await round(seed);
    peers.logger.lines.length = 0;
    await setImmediate();
    expect((await collectGarbage()) - before).toBeLessThan(1_000_000);
    expect(peers.clock.pending).toBe(0);
    expect(await outcomeOf(peers, await forge(honest()))).toEqual({ type: 'object' });
  }, 30_000);

  it('announced as large reserves no memory before its bytes come', async () => {
    const streams = await Promise.all(Array.from({ length: 60 }, () => openStream(peers)));
    const before = process.memoryUsage().arrayBuffers;
    for (const stream of streams) await stream.send(Uint8Array.of(0, 0x0f, 0xff, 0xff, 1));
    await setImmediate();
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(60 * 128 * 1024);
    for (const { channel } of streams) channel.abort(new Error('enough'));
  });
});

it('speaks its protocol only', async () => {
  await start();
  const opened = peers.developer.transport.open(
    peers.provider.identity.peerID,
    `${STORE_PROTOCOL}-next`,
    new AbortController().signal,
  );
  await expect(opened).rejects.toMatchObject({ details: { cause: 'IncompatibleVersion' } });
});
