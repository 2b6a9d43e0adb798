import type { Channel } from '../../../../controllers/ports/transport.ts';
import { describeTunnel } from '../../../../test/compliance/tunnel.ts';
import type { TunnelInit, TunnelPair } from '../../../../test/compliance/tunnel-world.ts';
import { silentLogger as logger } from '../../../../test/support/silent.ts';
import { generateIdentity } from '../../identity/identity.ts';
import { systemClock as clock } from '../../system/clock.ts';
import { Libp2pTransport } from '../libp2p/transport.ts';
import { answeringTunnel, openingTunnel } from './over-channel.ts';

const PROTOCOL = '/test/tunnel/1.0.0';

describeTunnel('libp2p', async ({ onStream, limits, signal }: TunnelInit): Promise<TunnelPair> => {
  const transport = async (listen: string[]) => {
    const made = new Libp2pTransport({ identity: generateIdentity(), clock, logger }, { listen });
    await made.start(signal);
    return made;
  };
  const [gateway, provider] = [await transport(['/ip4/127.0.0.1/tcp/0']), await transport([])];
  gateway.allow([{ peerID: provider.peerID, addresses: [] }]);
  provider.allow([{ peerID: gateway.peerID, addresses: gateway.addresses() }]);
  const accepted = Promise.withResolvers<Channel>();
  gateway.handle(PROTOCOL, async (channel) => accepted.resolve(channel));
  const channel = await provider.open(gateway.peerID, PROTOCOL, signal);
  const answerer = answeringTunnel({ channel, clock }, { onStream, limits });
  const opener = openingTunnel({ channel: await accepted.promise, clock }, { limits });
  return { opener, answerer, cut: () => gateway.allow([]) };
});
