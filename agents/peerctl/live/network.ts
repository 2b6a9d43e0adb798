import type { Clock } from '../../../controllers/ports/clock.ts';
import type { Logger } from '../../../controllers/ports/logger.ts';
import type { Peers } from '../../../controllers/ports/peers.ts';
import type { Transport } from '../../../controllers/ports/transport.ts';
import type { Identity } from '../../adapters/identity/identity.ts';
import { RemotePeers } from '../../adapters/rpc/remote-peers.ts';
import { Libp2pTransport } from '../../adapters/transport/libp2p/transport.ts';

/** The way to the peers. It dials and never listens. */
export interface Network {
  identity: Identity;
  transport: Transport;
  peers: Peers;
  clock: Clock;
  logger: Logger;
}

/** Ends with the signal. */
export async function openNetwork(
  { identity, clock, logger }: Pick<Network, 'identity' | 'clock' | 'logger'>,
  signal: AbortSignal,
): Promise<Network> {
  const transport = new Libp2pTransport({ identity, clock, logger }, { listen: [] });
  await transport.start(signal);
  const peers = new RemotePeers({ transport, identity, clock });
  return { identity, transport, peers, clock, logger };
}
