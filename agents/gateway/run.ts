import { TUNNEL_PROTOCOL } from '../../api/protocol/protocols.ts';
import { lineLog } from '../adapters/system/line-log.ts';
import { VERSION } from '../adapters/system/version.ts';
import { Libp2pTransport } from '../adapters/transport/libp2p/transport.ts';
import { TunnelAcceptor } from '../adapters/transport/tunnel/acceptor.ts';
import { ALPN_PROTOCOL } from '../adapters/transport/tunnel/tls/secure.ts';
import { type Daemon, runDaemon } from '../daemon/daemon.ts';
import { assemble } from './assemble.ts';
import { createCertificates } from './certificates/create-certificates.ts';
import { exportCounters } from './export-counters.ts';
import { DnsHostProofs } from './host-proofs/dns-host-proofs.ts';
import { Ingress } from './ingress/ingress.ts';
import { type Options, parseOptions, usageText } from './options.ts';
import { TunnelRouter } from './router/tunnel-router.ts';
import { TunnelTable } from './router/tunnels.ts';
import { publicURL } from './url.ts';

/** Runs the gateway until SIGINT or SIGTERM. @returns the exit code. */
export function run(args: string[], env: NodeJS.ProcessEnv): Promise<number> {
  return runDaemon(args, env, { program: 'gateway', parse: parseOptions, usage: usageText, begin: serve });
}

async function serve(daemon: Daemon, options: Options, stop: AbortSignal): Promise<{ ended: Promise<void> }> {
  const { identity, clock, logger } = daemon;
  const { domain, listen } = options;
  const certificates = createCertificates(daemon, options.certificates);
  await certificates.start(stop);
  const tunnels = new TunnelTable();
  const router = new TunnelRouter({ tunnels, clock });
  const acceptor = new TunnelAcceptor(daemon, {
    allow: (peerID) => router.isAllowed(peerID),
    onTunnel: (tunnel) => tunnels.add(tunnel),
  });
  await acceptor.start(stop);
  const ingress = new Ingress(
    { router, certificates, clock, log: lineLog(stop), acceptTunnel: (socket) => acceptor.accept(socket) },
    {
      ...options,
      host: listen,
      tunnelProtocol: ALPN_PROTOCOL,
      behindProxy: options.certificates.tls === 'off',
    },
  );
  exportCounters(daemon.metrics, ingress.counters, tunnels);
  await ingress.start(stop);
  router.listensOn(ingress.httpsPort);
  const transport = new Libp2pTransport(
    { identity, clock, logger },
    { listen: controlAddresses(options), relay: true },
  );
  transport.handle(TUNNEL_PROTOCOL, async (channel) => acceptor.acceptChannel(channel));
  const urlOf = (host: string) => publicURL(host, options, ingress.httpsPort);
  const hostProofs = new DnsHostProofs({ clock }, { servers: options.dnsResolvers });
  const manager = assemble({ ...daemon, transport, router, certificates, hostProofs, urlOf }, options, stop);
  const ended = manager.start(stop);
  await transport.start(stop);
  logger.info('Gateway started', {
    peerID: identity.peerID,
    addresses: transport.addresses(),
    domain,
    httpsPort: ingress.httpsPort,
    httpPort: ingress.httpPort,
    version: VERSION,
  });
  return { ended: ended.then(() => logger.info('Gateway stopped')) };
}

/** `::` takes IPv4 as well, but libp2p opens it for IPv6 alone. */
function controlAddresses({ listen, tunnelPort }: Options): string[] {
  const hosts = listen === '::' ? ['0.0.0.0', '::'] : [listen];
  return hosts.map((host) => `/${host.includes(':') ? 'ip6' : 'ip4'}/${host}/tcp/${tunnelPort}`);
}
