import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import { defaultLimits, type Limits } from '../../agents/adapters/transport/tunnel/limits.ts';
import type {
  IncomingStream,
  StreamHandler,
  Tunnel,
  TunnelEnd,
} from '../../agents/adapters/transport/tunnel/tunnel.ts';
import { eventually } from '../support/eventually.ts';

/** Both ends of a tunnel. */
export interface TunnelPair {
  opener: Tunnel;
  answerer: TunnelEnd;
  /** Breaks what is below them, as a network that fails. */
  cut(): void;
}

export interface TunnelInit {
  onStream: StreamHandler;
  limits: Limits;
  /** Ends everything. */
  signal: AbortSignal;
}

export type MakeTunnel = (init: TunnelInit) => Promise<TunnelPair>;

export interface TunnelWorld {
  /** Connects two ends; whoever answers does so with `onStream`. */
  connect(onStream?: StreamHandler, limits?: Partial<Limits>): Promise<TunnelPair>;
  /** Opens a stream to an answerer that takes it, and answers both ends. */
  openBoth(limits?: Partial<Limits>): Promise<{ pair: TunnelPair; near: Duplex; far: Duplex }>;
}

/** To be called where `beforeEach` may be. */
export function tunnelWorld(make: MakeTunnel): TunnelWorld {
  let stop: AbortController;
  const pairs: TunnelPair[] = [];

  beforeEach(() => {
    stop = new AbortController();
  });

  afterEach(async () => {
    stop.abort();
    const all = pairs.splice(0);
    for (const { opener, answerer } of all) {
      opener.close();
      await Promise.all([opener.closed, answerer.closed]);
      await eventually(() => expect([opener.streams, answerer.streams]).toEqual([0, 0]));
    }
  });

  async function connect(onStream: StreamHandler = echo, limits: Partial<Limits> = {}): Promise<TunnelPair> {
    const pair = await make({ onStream, limits: { ...defaultLimits, ...limits }, signal: stop.signal });
    pairs.push(pair);
    return pair;
  }

  async function openBoth(limits: Partial<Limits> = {}) {
    const accepted = Promise.withResolvers<Duplex>();
    const pair = await connect((incoming) => accepted.resolve(incoming.accept()), limits);
    const near = pair.opener.open(new Uint8Array());
    return { pair, near, far: await accepted.promise };
  }

  return { connect, openBoth };
}

export const echo: StreamHandler = (incoming: IncomingStream) => {
  const stream = incoming.accept();
  stream.pipe(stream);
};

export async function readAll(stream: Duplex): Promise<Buffer> {
  const chunks: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  await once(stream, 'end');
  return Buffer.concat(chunks);
}

/** Bytes that differ from place to place and from seed to seed, so that a lost, doubled or mistaken piece shows. */
export function pattern(length: number, seed = 0): Buffer {
  const words = new Uint32Array(Math.ceil(length / 4));
  // A xorshift: it uses nothing global, which is slow to reach from within a test.
  let state = seed + 1;
  for (let index = 0; index < words.length; index++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    words[index] = state;
  }
  return Buffer.from(words.buffer, 0, length);
}
