import { setImmediate } from 'node:timers/promises';
import {
  FIRST_REQUEST_TIMEOUT_MS,
  FRAME_TIMEOUT_MS,
  WRITE_TIMEOUT_MS,
} from '../../../api/protocol/limits.ts';
import { eventually } from '../../../test/support/eventually.ts';
import { forge } from '../../../test/support/rpc-forge.ts';
import { collectGarbage } from '../../../test/support/rpc-heap.ts';
import { type Peers, type PeersInit, startPeers } from '../../../test/support/rpc-peers.ts';
import { developerOf, openStream, outcomeOf } from '../../../test/support/rpc-stream.ts';
import { web } from '../../../test/support/store-objects.ts';

const UID = '11111111-2222-4333-8444-555555555555';

let peers: Peers;
const start = async (init?: PeersInit) => {
  peers = await startPeers(init);
};
afterEach(() => peers.stop());

const honest = () => developerOf(peers);

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
