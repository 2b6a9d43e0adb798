import type { Clock } from '../../../../controllers/ports/clock.ts';
import type { Channel } from '../../../../controllers/ports/transport.ts';
import { defaultLimits, type Limits } from './limits.ts';
import { Mux } from './mux/mux.ts';
import { ChannelPipe } from './pipe/channel-pipe.ts';
import type { StreamHandler, Tunnel, TunnelEnd } from './tunnel.ts';

interface Components {
  channel: Channel;
  clock: Clock;
}

/*
 * A tunnel within one channel of a transport, for peers that reach each other through libp2p only: at half
 * the speed of one that was dialled. The channel has proven who they are.
 */

/** The gateway's end. */
export function openingTunnel(components: Components, init: { limits?: Partial<Limits> } = {}): Tunnel {
  return start(components, init);
}

/** The provider's end. */
export function answeringTunnel(
  components: Components,
  init: { onStream: StreamHandler; limits?: Partial<Limits> },
): TunnelEnd {
  return start(components, init);
}

function start(
  { channel, clock }: Components,
  init: { onStream?: StreamHandler; limits?: Partial<Limits> },
): Mux {
  const limits = { ...defaultLimits, ...init.limits };
  const pipe = new ChannelPipe({ channel });
  const mux = new Mux({ pipe, clock }, { peerID: channel.remotePeer, onStream: init.onStream, limits });
  mux.start();
  return mux;
}
