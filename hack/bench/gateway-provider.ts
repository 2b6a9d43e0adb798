import { createServer } from 'node:net';
import { systemClock as clock } from '../../agents/adapters/system/clock.ts';
import { relayFreely, stayLean } from '../../agents/adapters/system/memory.ts';
import { TunnelDialer } from '../../agents/adapters/transport/tunnel/dialer.ts';
import { answerStreams } from '../../agents/peercomputed/tunnels/answer-stream.ts';
import { benchIdentity } from './mux-identities.ts';

/**
 * A provider that answers streams as its program does: `node gateway-provider.ts READY_PORT TUNNEL_PORT TARGET`. What it
 * offers is a port of this machine instead of a container's.
 */

stayLean();
relayFreely();
const [, , readyPort, tunnelPort, target] = process.argv.map(Number);
const stop = new AbortController();
process.once('SIGTERM', () => process.exit());

const endpoint = { port: target ?? 0, release: () => {} };
const dialer = new TunnelDialer(
  { identity: benchIdentity('provider'), clock },
  { onStream: answerStreams({ find: () => endpoint }) },
);
const { peerID } = benchIdentity('gateway');
const tunnel = await dialer.dial({ host: '127.0.0.1', port: tunnelPort ?? 0, peerID }, stop.signal);
// Without a tunnel it does not listen: that is how its starter knows.
createServer((socket) => socket.destroy()).listen(readyPort, '127.0.0.1');
await tunnel.closed;
