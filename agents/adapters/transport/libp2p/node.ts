import { noise } from '@chainsafe/libp2p-noise';
import type { ConnectionGater, Upgrader } from '@libp2p/interface';
import { createLibp2p, type Libp2p } from 'libp2p';
import type { Clock } from '../../../../controllers/ports/clock.ts';
import type { Identity } from '../../identity/identity.ts';
import type { Limits } from './limits.ts';
import { boundedYamux } from './muxer.ts';
import type { LocalPorts } from './punch/local-ports.ts';

interface Components {
  identity: Identity;
  clock: Clock;
  gater: ConnectionGater;
  ports: LocalPorts;
}

/** The node, and what makes a connection of bytes that come some other way than from a socket. */
export type Node = Libp2p<{ upgrading: Upgrader }>;

/** libp2p with TCP, Noise and yamux and nothing else: no identify, no ping, no discovery. Not yet started. */
export async function createNode(
  components: Components,
  init: { listen: readonly string[]; limits: Limits },
): Promise<Node> {
  const { listen, limits } = init;
  return createLibp2p({
    start: false,
    privateKey: await components.identity.privateKey(),
    addresses: { listen: [...listen] },
    transports: [components.ports.transport(tcpOptions(limits))],
    connectionEncrypters: [noise()],
    streamMuxers: [boundedYamux(components.clock, limits)],
    connectionGater: components.gater,
    services: { upgrading: ({ upgrader }) => upgrader },
    // It opens a stream for each ping; ours go by yamux itself.
    connectionMonitor: { enabled: false },
    connectionManager: {
      maxConnections: limits.maxConnections,
      inboundConnectionThreshold: limits.maxInboundPerSecondPerHost,
      // It would turn away the newest; the gater drops the oldest instead.
      maxIncomingPendingConnections: Number.POSITIVE_INFINITY,
      inboundUpgradeTimeout: limits.handshakeTimeoutMs,
      addressDialTimeout: limits.handshakeTimeoutMs,
      dialTimeout: limits.dialTimeoutMs,
      inboundStreamProtocolNegotiationTimeout: limits.negotiationTimeoutMs,
      outboundStreamProtocolNegotiationTimeout: limits.negotiationTimeoutMs,
      connectionCloseTimeout: limits.closeTimeoutMs,
    },
  });
}

/** What a stopped node still has to do in a second: record that it no longer listens. */
interface PendingUpdate {
  components?: { addressManager?: { _updatePeerStoreAddresses?: { stop?(): void } } };
}

export async function stopNode(node: Libp2p): Promise<void> {
  await node.stop();
  // It would keep the process for that second, and offers no other way to call it off.
  (node as PendingUpdate).components?.addressManager?._updatePeerStoreAddresses?.stop?.();
}

function tcpOptions(limits: Limits) {
  // Small requests must not wait for Nagle; the kernel's keep-alive helps where ours is not yet running.
  const socket = { noDelay: true, keepAlive: true, keepAliveInitialDelay: limits.keepAliveMs };
  // A socket that lives has seen a keep-alive by then: this ends those that got stuck on the way up.
  const inactivity = 2 * limits.keepAliveMs * limits.keepAliveMisses;
  return {
    dialOpts: socket,
    listenOpts: socket,
    inboundSocketInactivityTimeout: inactivity,
    outboundSocketInactivityTimeout: inactivity,
    // Beyond this a socket is dropped as soon as it is accepted: file descriptors are finite too.
    maxConnections: limits.maxConnections + 2 * limits.maxPendingInbound,
  };
}
