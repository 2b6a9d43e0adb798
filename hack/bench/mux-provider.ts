import { connect } from 'node:net';
import { systemClock as clock } from '../../agents/adapters/system/clock.ts';
import { TunnelDialer } from '../../agents/adapters/transport/tunnel/dialer.ts';
import { relay } from '../../agents/adapters/transport/tunnel/relay.ts';
import type { IncomingStream } from '../../agents/adapters/transport/tunnel/tunnel.ts';
import { benchIdentity } from './mux-identities.ts';

/** As little of a provider as connects streams to a port: `node mux-provider.ts OVER TUNNEL_PORT TARGET`. */

const [, , , tunnelPort, target] = process.argv;
const stop = new AbortController();
process.once('SIGTERM', () => process.exit());

const dialer = new TunnelDialer({ identity: benchIdentity('provider'), clock }, { onStream });
const { peerID } = benchIdentity('gateway');
const tunnel = await dialer.dial({ host: '127.0.0.1', port: Number(tunnelPort), peerID }, stop.signal);
await tunnel.closed;

function onStream(incoming: IncomingStream): void {
  const socket = connect({ port: Number(target), host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
  const refuse = () => incoming.refuse('ConnectFailed');
  socket.once('error', refuse);
  socket.once('connect', () => {
    socket.off('error', refuse);
    relay(incoming.accept(), socket);
  });
}
