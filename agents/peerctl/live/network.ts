import type { Clock } from '../../../controllers/ports/clock.ts';
import type { Logger } from '../../../controllers/ports/logger.ts';
import type { Peers } from '../../../controllers/ports/peers.ts';
import type { Transport } from '../../../controllers/ports/transport.ts';
import type { Identity } from '../../adapters/identity/identity.ts';
import { loadIdentity } from '../../adapters/identity/keystore.ts';
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

export async function openNetwork(
  { clock, logger }: Pick<Network, 'clock' | 'logger'>,
  {
    identityFile,
    passphrase,
    signal,
  }: { identityFile: string; passphrase: string | undefined; signal: AbortSignal },
): Promise<Network> {
  const identity = await loadIdentity(identityFile, { passphrase });
  const transport = new Libp2pTransport({ identity, clock, logger }, { listen: [] });
  await transport.start(signal);
  const peers = new RemotePeers({ transport, identity, clock });
  return { identity, transport, peers, clock, logger };
}
