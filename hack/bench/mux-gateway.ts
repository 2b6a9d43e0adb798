import { createServer, type Socket } from 'node:net';
import { systemClock as clock } from '../../agents/adapters/system/clock.ts';
import { TunnelAcceptor } from '../../agents/adapters/transport/tunnel/acceptor.ts';
import { relay } from '../../agents/adapters/transport/tunnel/relay.ts';
import { createCertificate } from '../../agents/adapters/transport/tunnel/tls/certificate.ts';
import type { Tunnel } from '../../agents/adapters/transport/tunnel/tunnel.ts';
import { silentLogger as logger } from '../../test/support/silent.ts';
import { benchIdentity } from './mux-identities.ts';

/** As little of a gateway as relays TCP: `node mux-gateway.ts OVER PORT TUNNEL_PORT`. */

const [, , , port, tunnelPort] = process.argv;
const stop = new AbortController();
process.once('SIGTERM', () => process.exit());

const identity = benchIdentity('gateway');
const acceptor = new TunnelAcceptor(
  { certificate: await createCertificate(identity), clock, logger },
  { allow: (peerID) => peerID === benchIdentity('provider').peerID, onTunnel: serve },
);
acceptor.start(stop.signal);
createServer((socket) => acceptor.accept(socket)).listen(Number(tunnelPort), '127.0.0.1');

function serve(tunnel: Tunnel): void {
  const connected = (socket: Socket) => relay(tunnel.open(new Uint8Array()), socket);
  // Without a tunnel it does not listen: that is how its starter knows.
  createServer({ allowHalfOpen: true, noDelay: true }, connected).listen(Number(port), '127.0.0.1');
}
