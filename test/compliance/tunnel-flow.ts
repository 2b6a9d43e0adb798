import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import { eventually } from '../support/eventually.ts';
import { pattern, readAll, type TunnelWorld } from './tunnel-world.ts';

const KiB = 1024;
const MiB = 1024 * KiB;

/** How every tunnel shares itself among its streams. */
export function describeTunnelFlow(world: TunnelWorld): void {
  test('makes a writer wait for a reader that is slow, and loses nothing', async () => {
    const { near, far } = await world.openBoth();
    const sent = pattern(12 * MiB);
    const accepted = write(near, sent);
    await standstill(accepted);
    expect(accepted()).toBeLessThan(1 * MiB);
    expect(Buffer.compare(await readAll(far), sent)).toBe(0);
  });

  test('a reader that never reads stops nobody else', async () => {
    const { opener } = await world.connect((incoming) => {
      const stream = incoming.accept();
      if (Buffer.from(incoming.header).toString() === 'echo') stream.pipe(stream);
    });
    for (let count = 0; count < 20; count++) write(opener.open(Buffer.from('sink')), pattern(2 * MiB));
    const stream = opener.open(Buffer.from('echo'));
    const sent = pattern(5 * MiB);
    stream.end(sent);
    expect(Buffer.compare(await readAll(stream), sent)).toBe(0);
  });

  test('bounds what streams that nobody reads hold, however many they are', async () => {
    const unread: Duplex[] = [];
    const { opener } = await world.connect((incoming) => void unread.push(incoming.accept()), {
      maxBufferedBytes: 2 * MiB,
    });
    const counts = Array.from({ length: 100 }, () =>
      write(opener.open(new Uint8Array()), pattern(512 * KiB)),
    );
    const received = Array.from({ length: 100 }, () => 0);
    await eventually(() => expect(unread).toHaveLength(100));
    await standstill(() => counts.reduce((sum, accepted) => sum + accepted(), 0));
    for (const [index, stream] of unread.entries())
      stream.on('data', (bytes: Buffer) => {
        received[index] = (received[index] ?? 0) + bytes.length;
      });
    // What arrives in this turn was there before anything could be asked for.
    await new Promise((resolve) => setImmediate(resolve));
    expect(received.reduce((sum, bytes) => sum + bytes, 0)).toBeLessThan(2 * MiB + 100 * 16 * KiB);
    await eventually(() => expect(received).toEqual(received.map(() => 512 * KiB)), { timeoutMs: 20_000 });
  });

  test('refuses a stream too many, on this side, until there is room again', async () => {
    const { opener, answerer } = await world.connect(undefined, { maxStreams: 8 });
    const streams = Array.from({ length: 8 }, () => opener.open(new Uint8Array()));
    const refused = opener.open(new Uint8Array());
    await expect(once(refused, 'connect')).rejects.toMatchObject({ reason: 'TooManyStreams' });
    await Promise.all(streams.map((stream) => once(stream, 'connect')));
    streams[0]?.destroy();
    await eventually(() => expect(answerer.streams).toBe(7));
    await once(opener.open(new Uint8Array()), 'connect');
  });
}

/** Writes all as fast as it is taken; answers how much was. */
function write(stream: Duplex, all: Buffer): () => number {
  const size = 64 * KiB;
  let accepted = 0;
  const next = () => {
    while (accepted < all.length) {
      const chunk = all.subarray(accepted, accepted + size);
      accepted += chunk.length;
      if (!stream.write(chunk)) {
        stream.once('drain', next);
        return;
      }
    }
    stream.end();
  };
  next();
  return () => accepted;
}

/** Waits until a count has stopped growing. */
async function standstill(count: () => number): Promise<void> {
  let last = -1;
  await eventually(
    () => {
      const stands = count() === last;
      last = count();
      return stands;
    },
    { intervalMs: 100 },
  );
}
