import type { Channel, ChannelHandler, Transport } from '../../controllers/ports/transport.ts';
import { eventually } from '../support/eventually.ts';

export const ECHO = '/test/echo/1.0.0';
export const SINK = '/test/sink/1.0.0';

/** Makes a transport with an identity of its own, not yet started. `listen: false`: it only dials. */
export type MakeTransport = (init: { listen: boolean }) => Transport;

/** Two transports that trust each other: a client that only dials, a server that echoes. New for each test. */
export interface TransportWorld {
  readonly client: Transport;
  readonly server: Transport;
  /** Ends everything. */
  readonly signal: AbortSignal;
  make: MakeTransport;
  stopServer(): void;
  /** One more transport, started. */
  start(init: { listen: boolean }): Promise<Transport>;
  /** A channel from the client to the server. */
  open(protocol?: string): Promise<Channel>;
  /** Both ends of a channel that no handler touches. */
  openBoth(): Promise<[Channel, Channel]>;
}

/** To be called where `beforeEach` may be. */
export function transportWorld(make: MakeTransport): TransportWorld {
  let stop: AbortController;
  let stopServer: AbortController;
  let client: Transport;
  let server: Transport;

  async function start(init: { listen: boolean }): Promise<Transport> {
    const transport = make(init);
    await transport.start(stop.signal);
    return transport;
  }

  beforeEach(async () => {
    stop = new AbortController();
    stopServer = new AbortController();
    client = await start({ listen: false });
    server = make({ listen: true });
    await server.start(AbortSignal.any([stop.signal, stopServer.signal]));
    server.handle(ECHO, echo);
    trust(client, server);
    trust(server, client);
  });

  afterEach(async () => {
    stop.abort();
    await eventually(() => expect([...client.connections(), ...server.connections()]).toEqual([]));
  });

  const open = (protocol = ECHO) => client.open(server.peerID, protocol, stop.signal);

  async function openBoth(): Promise<[Channel, Channel]> {
    const accepted = Promise.withResolvers<Channel>();
    server.handle(SINK, async (channel) => accepted.resolve(channel));
    const near = await open(SINK);
    return [near, await accepted.promise];
  }

  return {
    get client() {
      return client;
    },
    get server() {
      return server;
    },
    get signal() {
      return stop.signal;
    },
    make,
    stopServer: () => stopServer.abort(),
    start,
    open,
    openBoth,
  };
}

export const echo: ChannelHandler = async (channel) => {
  for (let chunk = await channel.read(); chunk; chunk = await channel.read()) await channel.write(chunk);
  await channel.close();
};

export function trust(truster: Transport, trusted: Transport): void {
  truster.allow([{ peerID: trusted.peerID, addresses: trusted.addresses() }]);
}

export function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** Bytes that differ from place to place, so that a lost or doubled chunk shows. */
export function pattern(length: number): Uint8Array {
  const words = Uint32Array.from({ length: length / 4 }, (_, index) => index);
  return new Uint8Array(words.buffer);
}

export async function writeAll(
  channel: Channel,
  all: Uint8Array,
  onAccepted?: (count: number) => void,
): Promise<void> {
  const size = 100_000;
  for (let start = 0; start < all.length; start += size) {
    await channel.write(all.subarray(start, start + size));
    onAccepted?.(start + size);
  }
  await channel.close();
}

export async function readAll(channel: Channel): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for (let chunk = await channel.read(); chunk; chunk = await channel.read()) chunks.push(chunk);
  return new Uint8Array(Buffer.concat(chunks));
}

/** Looks again and again until a promise settles. */
export async function during(promise: Promise<unknown>, look: () => void): Promise<void> {
  let settled = false;
  const settle = () => {
    settled = true;
  };
  promise.then(settle, settle);
  for (; !settled; await new Promise((resolve) => setImmediate(resolve))) look();
  await promise;
}

/** Waits until a count has stopped growing. */
export async function standstill(count: () => number): Promise<void> {
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
