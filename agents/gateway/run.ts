import { tunnelProtocol } from '../../api/protocol/protocols.ts';
import { VERSION } from '../adapters/system/version.ts';
import { Libp2pTransport } from '../adapters/transport/libp2p/transport.ts';
import { createCertificate } from '../adapters/transport/tunnel/tls/certificate.ts';
import { type Daemon, runDaemon } from '../daemon/daemon.ts';
import { assemble } from './assemble.ts';
import { createCertificates } from './certificates/create-certificates.ts';
import { createDataPlane } from './data-plane/create-data-plane.ts';
import { DnsHostProofs } from './host-proofs/dns-host-proofs.ts';
import { type Options, parseOptions, usageText } from './options.ts';
import { publicURL } from './url.ts';

/** Runs the gateway until SIGINT or SIGTERM. @returns the exit code. */
export function run(args: string[], env: NodeJS.ProcessEnv): Promise<number> {
  return runDaemon(args, env, { program: 'gateway', parse: parseOptions, usage: usageText, begin: serve });
}

async function serve(daemon: Daemon, options: Options, stop: AbortSignal): Promise<{ ended: Promise<void> }> {
  const { identity, clock, logger } = daemon;
  const certificates = createCertificates(daemon, options.certificates);
  await certificates.start(stop);
  const certificate = await createCertificate(identity);
  const plane = createDataPlane({ ...daemon, certificates, certificate }, options);
  await plane.start(stop);
  const { router, httpsPort, httpPort } = plane;
  const transport = new Libp2pTransport(
    { identity, clock, logger },
    { listen: controlAddresses(options), relay: true },
  );
  for (let slot = 0; slot < options.workers; slot++)
    transport.handle(tunnelProtocol(slot), (channel) => plane.acceptChannel(channel, slot));
  const urlOf = (host: string) => publicURL(host, options, httpsPort);
  const hostProofs = new DnsHostProofs({ clock }, { servers: options.dnsResolvers });
  const manager = assemble({ ...daemon, transport, router, certificates, hostProofs, urlOf }, options, stop);
  const ended = Promise.all([manager.start(stop), plane.ended]);
  await transport.start(stop);
  logger.info('Gateway started', {
    peerID: identity.peerID,
    addresses: transport.addresses(),
    domain: options.domain,
    httpsPort,
    httpPort,
    version: VERSION,
  });
  return { ended: ended.then(() => logger.info('Gateway stopped')) };
}

/** `::` takes IPv4 as well, but libp2p opens it for IPv6 alone. */
function controlAddresses({ edge: { listen }, tunnelPort }: Options): string[] {
  const hosts = listen === '::' ? ['0.0.0.0', '::'] : [listen];
  return hosts.map((host) => `/${host.includes(':') ? 'ip6' : 'ip4'}/${host}/tcp/${tunnelPort}`);
}
