import type { Connection, Stream } from '@libp2p/interface';
import type { Clock } from '../../../../controllers/ports/clock.ts';
import type { Logger } from '../../../../controllers/ports/logger.ts';
import type { Connections } from './connections.ts';
import { Dialer } from './dialer.ts';
import type { Gater } from './gater.ts';
import type { Limits } from './limits.ts';
import type { Node } from './node.ts';
import { Opener } from './opener.ts';
import { HolePuncher } from './punch/hole-puncher.ts';
import type { LocalPorts } from './punch/local-ports.ts';
import { PUNCH_PROTOCOL } from './punch/messages.ts';
import { Circuits } from './relay/circuits.ts';
import { HOP_PROTOCOL, STOP_PROTOCOL } from './relay/messages.ts';
import { RelayServer } from './relay/relay-server.ts';
import { Reservations } from './relay/reservations.ts';

interface Components {
  node: Node;
  ports: LocalPorts;
  gater: Gater;
  connections: Connections;
  clock: Clock;
  logger: Logger;
}

interface Init {
  /** Ours. */
  peerID: string;
  reserve: boolean;
  relay: boolean;
  limits: Limits;
  signal: AbortSignal;
}

/** What makes the connections of a node: by dialling, through gateways, and by holes in NATs. */
export interface Links {
  opener: Opener;
  puncher: HolePuncher;
  reservations: Reservations | undefined;
  relay: RelayServer | undefined;
}

/** Puts it together, and answers the protocols it takes. */
export function link(components: Components, init: Init): Links {
  const { node } = components;
  const { limits, signal, reserve, relay } = init;
  const upgrader = node.services.upgrading;
  const circuits = new Circuits({ ...components, upgrader }, limits);
  const dialer = new Dialer({ ...components, circuits }, limits);
  const links: Links = {
    opener: new Opener({ ...components, dialer }, limits),
    puncher: new HolePuncher({ ...components, circuits, upgrader }, { limits, signal }),
    reservations: reserve ? new Reservations({ ...components, dialer, circuits }, init) : undefined,
    relay: relay ? new RelayServer(components, limits) : undefined,
  };
  answer(components, init, PUNCH_PROTOCOL, (...stream) => links.puncher.serve(...stream));
  if (reserve)
    answer(components, init, STOP_PROTOCOL, (stream, gateway) => circuits.accept(stream, gateway, signal));
  if (relay) answer(components, init, HOP_PROTOCOL, (...stream) => links.relay?.serve(...stream));
  return links;
}

function answer(
  { node, logger }: Components,
  { limits }: Init,
  protocol: string,
  handler: (stream: Stream, connection: Connection) => Promise<void> | undefined,
): void {
  const options = {
    maxInboundStreams: limits.maxStreamsPerPeer,
    maxOutboundStreams: limits.maxStreamsPerPeer,
  };
  node
    .handle(protocol, handler, options)
    .catch((error: Error) => logger.warn('could not record a protocol', { protocol, error }));
}
