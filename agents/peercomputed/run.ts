import { DockerRuntime } from '../adapters/runtime/docker/runtime.ts';
import { VERSION } from '../adapters/system/version.ts';
import { askPeerID } from '../adapters/transport/libp2p/ask-peer-id.ts';
import { Libp2pTransport } from '../adapters/transport/libp2p/transport.ts';
import { type Daemon, runDaemon } from '../daemon/daemon.ts';
import { assemble } from './assemble.ts';
import { type Options, parseOptions, usageText } from './options.ts';
import { stopContainers } from './stop-containers.ts';
import { trustGateways } from './tunnels/trust-gateways.ts';

/** Runs the agent until SIGINT or SIGTERM. @returns the exit code. */
export function run(args: string[], env: NodeJS.ProcessEnv): Promise<number> {
  return runDaemon(args, env, {
    program: 'peercomputed',
    parse: parseOptions,
    usage: usageText,
    begin: lend,
  });
}

async function lend(daemon: Daemon, options: Options, stop: AbortSignal): Promise<{ ended: Promise<void> }> {
  const { identity, clock, logger, metrics, store } = daemon;
  const runtime = new DockerRuntime(
    { clock, logger, metrics },
    {
      agentID: identity.peerID,
      dockerHost: options.dockerHost,
      cgroupParent: options.cgroupParent,
      authConfigFile: options.registryConfig,
    },
  );
  const machine = await runtime.info();
  const ask = options.gatewayTrustOnFirstUse ? (address: string) => askPeerID(daemon, address) : undefined;
  await trustGateways({ store, logger, askPeerID: ask }, options.gateways);
  const transport = new Libp2pTransport(
    { identity, clock, logger },
    { listen: options.listen, reserve: true },
  );
  const manager = assemble({ ...daemon, runtime, transport, machine }, options, stop);
  const ended = manager.start(stop);
  await transport.start(stop);
  logger.info('Agent started', {
    peerID: identity.peerID,
    addresses: transport.addresses(),
    version: VERSION,
    platform: machine.platform,
  });
  return { ended: ended.then(() => end()) };

  async function end(): Promise<void> {
    if (options.stopOnExit) await stopContainers(runtime, logger);
    logger.info('Agent stopped', { containers: options.stopOnExit ? 'stopped' : 'left running' });
  }
}
