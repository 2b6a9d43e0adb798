import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import { eventually } from '../support/eventually.ts';
import type { TunnelWorld } from './tunnel-world.ts';

/** How every tunnel begins and ends. */
export function describeTunnelLife(world: TunnelWorld): void {
  test('measures its round trip', async () => {
    const { opener, answerer } = await world.connect();
    await once(opener.open(new Uint8Array()), 'connect');
    for (const end of [opener, answerer]) {
      expect(end.roundTripMs).toBeGreaterThanOrEqual(0);
      expect(end.roundTripMs).toBeLessThan(2_000);
    }
  });

  test.each(['opener', 'answerer'] as const)('fails all streams when the %s closes it', async (closing) => {
    const { pair, near, far } = await world.openBoth();
    const ends = [near, far].map((stream) => watch(stream));
    pair[closing].close();
    const other = closing === 'opener' ? 'answerer' : 'opener';
    expect(await pair[closing].closed).toBeUndefined();
    expect(await pair[other].closed).toMatchObject({ reason: 'TunnelLost' });
    for (const end of ends) expect(await end).toEqual('TunnelLost');
  });

  test('fails all streams when the connection breaks, and ends none', async () => {
    const { pair, near, far } = await world.openBoth();
    near.write('half of it');
    await once(far, 'data');
    const ends = [near, far].map((stream) => watch(stream));
    pair.cut();
    for (const end of [pair.opener, pair.answerer])
      expect(await end.closed).toMatchObject({ name: 'TunnelError', reason: 'TunnelLost' });
    for (const end of ends) expect(await end).toEqual('TunnelLost');
  });

  test('fails a stream that is opened after its end', async () => {
    const { opener } = await world.connect();
    opener.close();
    const stream = opener.open(new Uint8Array());
    await expect(once(stream, 'connect')).rejects.toMatchObject({ reason: 'TunnelLost' });
    expect(opener.streams).toBe(0);
  });

  test('is over when all its stream IDs are used', async () => {
    const { opener } = await world.connect(undefined, { maxStreamID: 3 });
    for (let count = 0; count < 3; count++) await once(opener.open(new Uint8Array()), 'connect');
    await expect(once(opener.open(new Uint8Array()), 'connect')).rejects.toMatchObject({
      reason: 'TunnelLost',
    });
    expect(await opener.closed).toMatchObject({ reason: 'TunnelLost' });
  });

  test('takes no header of more than 4 KiB', async () => {
    const { opener } = await world.connect();
    await once(opener.open(new Uint8Array(4096)), 'connect');
    expect(() => opener.open(new Uint8Array(4097))).toThrow(RangeError);
  });

  test('forgets streams that are over', async () => {
    const { opener, answerer } = await world.connect();
    for (let round = 0; round < 20; round++) {
      const streams = Array.from({ length: 50 }, () => opener.open(new Uint8Array()));
      for (const [index, stream] of streams.entries()) {
        stream.resume();
        if (index % 2) stream.end('bye');
        else stream.destroy();
      }
      await eventually(() => expect([opener.streams, answerer.streams]).toEqual([0, 0]));
    }
  });
}

/** How a stream ends: by `end`, or why not. */
async function watch(stream: Duplex): Promise<string> {
  stream.resume();
  try {
    await once(stream, 'end');
    return 'end';
  } catch (error) {
    return (error as { reason: string }).reason;
  }
}
