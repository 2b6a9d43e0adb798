import cluster from 'node:cluster';
import { connect, createServer, type Socket } from 'node:net';
import { noise } from '@chainsafe/libp2p-noise';
import { yamux } from '@chainsafe/libp2p-yamux';
import type { MessageStream, Upgrader } from '@libp2p/interface';
import { tcp } from '@libp2p/tcp';
import { createLibp2p, type Libp2p } from 'libp2p';
import { generateIdentity, type Identity } from '../../agents/adapters/identity/identity.ts';
import type { Limits } from '../../agents/adapters/transport/libp2p/limits.ts';
import { Libp2pTransport } from '../../agents/adapters/transport/libp2p/transport.ts';
import type { Logger } from '../../controllers/ports/logger.ts';
import { FakeClock } from './fake-clock.ts';
import { silentLogger } from './silent.ts';

/** Peers, honest and not, for the tests of the transport. All end with `signal`. */

// A lock of libp2p listens twice to `cluster` when it is loaded. A program loads it once; Jest does so for each file
// of tests, and all of them share one `cluster`, which would warn of a leak.
cluster.setMaxListeners(0);

export const LOOPBACK = ['/ip4/127.0.0.1/tcp/0'];

interface Options {
  signal: AbortSignal;
  listen?: string[];
  limits?: Partial<Limits>;
  clock?: FakeClock;
  logger?: Logger;
  identity?: Identity;
  reserve?: boolean;
  relay?: boolean;
}

export async function startTransport(options: Options): Promise<Libp2pTransport> {
  const { identity = generateIdentity(), clock = new FakeClock(), logger = silentLogger } = options;
  const { listen = [], limits = {}, reserve, relay } = options;
  const transport = new Libp2pTransport({ identity, clock, logger }, { listen, limits, reserve, relay });
  await transport.start(options.signal);
  return transport;
}

export interface RawPeer {
  node: Libp2p<{ upgrading: Upgrader }>;
  /** What Noise carries, before it becomes streams; one per connection. */
  encrypted: MessageStream[];
  /** Bytes that the other side sent after Noise. */
  received: number;
}

/** libp2p as it comes, without any of our bounds: what an attacker may run. */
export async function startRawPeer(
  signal: AbortSignal,
  identity = generateIdentity(),
  listen: string[] = [],
): Promise<RawPeer> {
  const encrypted: MessageStream[] = [];
  const muxer = yamux({ maxOutboundStreams: 10_000 })();
  const capturing = () => ({
    protocol: muxer.protocol,
    createStreamMuxer: (connection: MessageStream) => {
      encrypted.push(connection);
      connection.addEventListener('message', ({ data }) => {
        peer.received += data.byteLength;
      });
      return muxer.createStreamMuxer(connection);
    },
  });
  const node = await createLibp2p<{ upgrading: Upgrader }>({
    privateKey: await identity.privateKey(),
    addresses: { listen },
    services: { upgrading: ({ upgrader }) => upgrader },
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [capturing],
    connectionMonitor: { enabled: false },
  });
  signal.addEventListener('abort', () => void node.stop());
  const peer: RawPeer = { node, encrypted, received: 0 };
  return peer;
}

/** Host and port of a listening transport. */
export function endpoint(transport: Libp2pTransport): { host: string; port: number } {
  const [, , host = '', , port] = (transport.addresses()[0] ?? '').split('/');
  return { host, port: Number(port) };
}

export interface Intruder {
  socket: Socket;
  closed: Promise<void>;
}

/** A TCP client that keeps its side open whatever happens; it comes from `from`, any address in 127/8. */
export function intrude(
  to: { host: string; port: number },
  signal: AbortSignal,
  from = '127.0.0.1',
): Intruder {
  const socket = connect({ ...to, localAddress: from, allowHalfOpen: true, signal });
  // How the server gets rid of it is the server's business.
  socket.on('error', () => undefined);
  const closed = new Promise<void>((resolve) => {
    socket.once('end', resolve);
    socket.once('close', () => resolve());
  });
  return { socket, closed };
}

export interface Relay {
  /** Multiaddr to dial instead. */
  address: string;
  /** Bytes that came back from the target. */
  answered: number;
  /** Stops forwarding without closing anything: packets dropped both ways. */
  silence(): void;
}

/** A wire that can be interrupted without either end being told. */
export async function startRelay(
  target: { host: string; port: number },
  signal: AbortSignal,
): Promise<Relay> {
  let silent = false;
  const server = createServer((near) => {
    const far = connect({ ...target, signal });
    forward(near, far, () => silent);
    forward(far, near, () => silent);
    far.on('data', (bytes) => (relay.answered += bytes.length));
  });
  signal.addEventListener('abort', () => server.close());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  const silence = () => {
    silent = true;
  };
  const relay: Relay = { address: `/ip4/127.0.0.1/tcp/${port}`, answered: 0, silence };
  return relay;
}

function forward(from: Socket, to: Socket, isSilent: () => boolean): void {
  from.on('data', (bytes) => isSilent() || to.write(bytes));
  // A reset is passed on like an end; who caused it does not matter here.
  from.on('error', () => undefined);
  from.on('close', () => to.destroy());
}
