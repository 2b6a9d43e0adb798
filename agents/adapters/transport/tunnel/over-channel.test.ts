import { TUNNEL_PROTOCOL } from '../../../../api/protocol/protocols.ts';
import { describeTunnel } from '../../../../test/compliance/tunnel.ts';
import type { TunnelInit, TunnelPair } from '../../../../test/compliance/tunnel-world.ts';
import { silentLogger as logger } from '../../../../test/support/silent.ts';
import { generateIdentity, type Identity } from '../../identity/identity.ts';
import { systemClock as clock } from '../../system/clock.ts';
import { Libp2pTransport } from '../libp2p/transport.ts';
import { TunnelAcceptor } from './acceptor.ts';
import { TunnelDialer } from './dialer.ts';
import { createCertificate } from './tls/certificate.ts';
import type { Tunnel } from './tunnel.ts';

describeTunnel('libp2p', async ({ onStream, limits, signal }: TunnelInit): Promise<TunnelPair> => {
  const transport = async (identity: Identity, listen: string[]) => {
    const made = new Libp2pTransport({ identity, clock, logger }, { listen });
    await made.start(signal);
    return made;
  };
  const [mine, theirs] = [generateIdentity(), generateIdentity()];
  const gateway = await transport(mine, ['/ip4/127.0.0.1/tcp/0']);
  const provider = await transport(theirs, []);
  gateway.allow([{ peerID: provider.peerID, addresses: [] }]);
  provider.allow([{ peerID: gateway.peerID, addresses: gateway.addresses() }]);
  const accepted = Promise.withResolvers<Tunnel>();
  const acceptor = new TunnelAcceptor(
    { certificate: await createCertificate(mine), clock, logger },
    { allow: () => true, onTunnel: accepted.resolve, limits },
  );
  gateway.handle(TUNNEL_PROTOCOL, async (channel) => acceptor.acceptChannel(channel));
  const channel = await provider.open(gateway.peerID, TUNNEL_PROTOCOL, signal);
  const dialer = new TunnelDialer({ identity: theirs, clock }, { onStream, limits });
  const answerer = await dialer.over(channel, signal);
  return { opener: await accepted.promise, answerer, cut: () => gateway.allow([]) };
});
