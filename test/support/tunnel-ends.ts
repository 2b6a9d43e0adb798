import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { generateIdentity } from '../../agents/adapters/identity/identity.ts';
import { systemClock as clock } from '../../agents/adapters/system/clock.ts';
import { TunnelAcceptor } from '../../agents/adapters/transport/tunnel/acceptor.ts';
import { TunnelDialer } from '../../agents/adapters/transport/tunnel/dialer.ts';
import { createCertificate } from '../../agents/adapters/transport/tunnel/tls/certificate.ts';
import type { Tunnel } from '../../agents/adapters/transport/tunnel/tunnel.ts';
import type { TunnelInit, TunnelPair } from '../compliance/tunnel-world.ts';
import { silentLogger as logger } from './silent.ts';

/** Gateways and providers for the tests of this folder. All end with `signal`. */

/** Listens on a port of loopback. */
export async function listen(onSocket: (socket: Socket) => void, signal: AbortSignal): Promise<number> {
  const server: Server = createServer(onSocket).listen({ port: 0, host: '127.0.0.1', signal });
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

export async function connectTls({ onStream, limits, signal }: TunnelInit): Promise<TunnelPair> {
  const [gateway, provider] = [generateIdentity(), generateIdentity()];
  const opened = Promise.withResolvers<Tunnel>();
  const sockets: Socket[] = [];
  const acceptor = new TunnelAcceptor(
    { certificate: await createCertificate(gateway), clock, logger },
    { allow: (peerID) => peerID === provider.peerID, onTunnel: opened.resolve, limits },
  );
  acceptor.start(signal);
  const port = await listen((socket) => {
    sockets.push(socket);
    acceptor.accept(socket);
  }, signal);
  const dialer = new TunnelDialer({ identity: provider, clock }, { onStream, limits });
  const answerer = await dialer.dial({ host: '127.0.0.1', port, peerID: gateway.peerID }, signal);
  const cut = () => {
    for (const socket of sockets) socket.resetAndDestroy();
  };
  return { opener: await opened.promise, answerer, cut };
}
