import { MAX_STREAMS_PER_PEER } from '../../api/protocol/limits.ts';
import { eventually } from '../support/eventually.ts';
import {
  bytes,
  pattern,
  readAll,
  SINK,
  standstill,
  type TransportWorld,
  writeAll,
} from './transport-world.ts';

const MiB = 1024 * 1024;

/** What every channel must do. */
export function describeChannels(world: TransportWorld): void {
  test('carries bytes there and back, and says who is at the other end', async () => {
    const [near, far] = await world.openBoth();
    await near.write(bytes('hello'));
    expect(await far.read()).toEqual(bytes('hello'));
    expect([near.remotePeer, far.remotePeer]).toEqual([world.server.peerID, world.client.peerID]);
  });

  test('keeps 10 MiB whole and in order both ways', async () => {
    const channel = await world.open();
    const sent = pattern(10 * MiB);
    const [received] = await Promise.all([readAll(channel), writeAll(channel, sent)]);
    expect(Buffer.compare(received, sent)).toBe(0);
    await channel.closed;
  });

  test('makes a writer wait for a reader that is slow, and loses nothing', async () => {
    const [near, far] = await world.openBoth();
    const sent = pattern(10 * MiB);
    let accepted = 0;
    const writing = writeAll(near, sent, (count) => (accepted = count));
    await standstill(() => accepted);
    const first = await far.read();
    await standstill(() => accepted);
    expect(accepted).toBeLessThan(4 * MiB);
    const [rest] = await Promise.all([readAll(far), writing]);
    expect(Buffer.compare(Buffer.concat([first ?? bytes(''), rest]), sent)).toBe(0);
  });

  test('closes one half and still reads from the other', async () => {
    const [near, far] = await world.openBoth();
    await near.write(bytes('question'));
    await near.close();
    expect(await readAll(far)).toEqual(bytes('question'));
    await far.write(bytes('answer'));
    await far.close();
    expect(await readAll(near)).toEqual(bytes('answer'));
    await Promise.all([near.closed, far.closed]);
  });

  test('goes on answering undefined after the end', async () => {
    const [near, far] = await world.openBoth();
    await near.close();
    expect([await far.read(), await far.read()]).toEqual([undefined, undefined]);
  });

  test('does not lose what came, with its end, before the first read', async () => {
    world.server.handle(SINK, async (channel) => {
      await channel.write(bytes('early'));
      await channel.close();
    });
    const channel = await world.open(SINK);
    await channel.close();
    await channel.closed;
    expect(await readAll(channel)).toEqual(bytes('early'));
  });

  test('lets the other side know of an abort, which is not an end', async () => {
    const [near, far] = await world.openBoth();
    const reading = far.read();
    near.abort(new Error('changed my mind'));
    await expect(reading).rejects.toMatchObject({ reason: 'ServiceUnavailable' });
    await expect(far.write(bytes('x'))).rejects.toThrow();
    await expect(near.read()).rejects.toThrow('changed my mind');
    await expect(near.write(bytes('x'))).rejects.toThrow('changed my mind');
    await Promise.all([near.closed, far.closed]);
  });

  test('wakes a writer that waits when the reader aborts', async () => {
    const [near, far] = await world.openBoth();
    let accepted = 0;
    const writing = expect(
      writeAll(near, pattern(10 * MiB), (count) => (accepted = count)),
    ).rejects.toThrow();
    await standstill(() => accepted);
    far.abort(new Error('enough'));
    await writing;
  });

  test('aborts the channel of a handler that rejects', async () => {
    world.server.handle(SINK, () => Promise.reject(new Error('no')));
    await expect((await world.open(SINK)).read()).rejects.toThrow();
  });

  test('refuses to write to a half that was closed', async () => {
    const channel = await world.open();
    await channel.close();
    await expect(channel.write(bytes('x'))).rejects.toMatchObject({ reason: 'BadRequest' });
  });

  test('keeps concurrent writes whole, in the order they were made', async () => {
    const channel = await world.open();
    const parts = ['a', 'b', 'c'].map((letter) => bytes(letter.repeat(300_000)));
    const writing = Promise.all(parts.map((part) => channel.write(part))).then(() => channel.close());
    const [received] = await Promise.all([readAll(channel), writing]);
    expect(Buffer.compare(received, Buffer.concat(parts))).toBe(0);
  });

  test('has taken the bytes when write resolves: the buffer may be used again', async () => {
    const channel = await world.open();
    const buffer = bytes('first');
    await channel.write(buffer);
    buffer.fill(0);
    await channel.write(new Uint8Array());
    await channel.close();
    expect(await readAll(channel)).toEqual(bytes('first'));
  });

  test('keeps a channel on which nobody speaks', async () => {
    const channel = await world.open();
    await standstill(() => 0);
    await channel.write(bytes('still here'));
    expect(await channel.read()).toEqual(bytes('still here'));
  });

  test('serves 64 channels at once and refuses one more until there is room', async () => {
    const channels = await Promise.all(Array.from({ length: MAX_STREAMS_PER_PEER }, () => world.open()));
    await Promise.all(channels.map((channel, index) => channel.write(bytes(`${index}`))));
    const answers = await Promise.all(channels.map((channel) => channel.read()));
    expect(answers).toEqual(channels.map((_, index) => bytes(`${index}`)));
    await expect(world.open()).rejects.toMatchObject({ reason: 'TooManyRequests' });
    await channels[0]?.close();
    await channels[0]?.closed;
    await eventually(async () => (await world.open()).close());
  });
}
