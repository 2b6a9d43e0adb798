import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import type { Channel } from '../../../controllers/ports/transport.ts';
import { eventually } from '../../../test/support/eventually.ts';
import { carry } from './carry.ts';
import { socketPair } from './socket-pair.ts';

/** A channel whose other end is the test's. */
class TestChannel implements Channel {
  readonly remotePeer = 'peer';
  readonly closed = Promise.resolve();
  readonly written: Uint8Array[] = [];
  /** Whether it takes more. */
  room: Promise<void> = Promise.resolve();
  isClosed = false;
  aborted: Error | undefined;
  reads = 0;
  readonly #incoming: (Uint8Array | undefined)[];

  constructor(incoming: (Uint8Array | undefined)[] = []) {
    this.#incoming = incoming;
  }

  read(): Promise<Uint8Array | undefined> {
    this.reads++;
    return this.#incoming.length > 0 ? Promise.resolve(this.#incoming.shift()) : new Promise(() => {});
  }

  async write(bytes: Uint8Array): Promise<void> {
    this.written.push(bytes);
    await this.room;
  }

  async close(): Promise<void> {
    this.isClosed = true;
  }

  abort(reason: Error): void {
    this.aborted = reason;
  }
}

describe('a channel and a socket that are joined', () => {
  let near: Socket;
  let far: Socket;

  beforeEach(async () => {
    [near, far] = await socketPair();
  });

  afterEach(() => {
    near.destroy();
    far.destroy();
  });

  it('carry bytes both ways, and their end', async () => {
    const channel = new TestChannel([Buffer.from('a'), Buffer.from('b'), undefined]);
    const carried = carry(channel, near);
    let heard = '';
    far.on('data', (bytes) => (heard += bytes)).resume();
    far.write('c');
    await once(far, 'end');
    far.end();
    await carried;
    expect([heard, Buffer.concat(channel.written).toString(), channel.isClosed]).toEqual(['ab', 'c', true]);
  });

  it('read no more than the other takes', async () => {
    const channel = new TestChannel(Array.from({ length: 1_000 }, () => Buffer.alloc(100_000)));
    void carry(channel, near);
    await eventually(() => expect(near.writableNeedDrain).toBe(true));
    const { reads } = channel;
    expect(reads).toBeLessThan(100);
    far.resume();
    await eventually(() => expect(channel.reads).toBeGreaterThan(reads + 100));
    channel.room = new Promise(() => {});
    far.write(Buffer.alloc(4_000_000));
    await eventually(() => expect(far.writableLength).toBeGreaterThan(0));
    expect(Buffer.concat(channel.written).length).toBeLessThan(1_000_000);
  });

  it('break together', async () => {
    const broken = new TestChannel();
    broken.write = () => Promise.reject(new Error('broken'));
    const carried = carry(broken, near);
    far.write('x');
    await carried;
    expect([broken.aborted?.message, near.destroyed]).toEqual(['broken', true]);
  });

  it('leave nothing on disk', async () => {
    const left = (await readdir(tmpdir())).filter((name) => name.startsWith('peercompute-socket-'));
    expect(left).toEqual([]);
  });
});
