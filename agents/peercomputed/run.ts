import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createIdentity, loadIdentity } from '../adapters/identity/keystore.ts';
import { DockerRuntime } from '../adapters/runtime/docker/runtime.ts';
import { DirectoryStore } from '../adapters/store/directory-store.ts';
import { acquireLease } from '../adapters/store/lease.ts';
import { systemClock } from '../adapters/system/clock.ts';
import { HealthServer } from '../adapters/system/health-server.ts';
import { createLogger } from '../adapters/system/logger.ts';
import { PrometheusMetrics } from '../adapters/system/metrics.ts';
import { SystemdNotifier } from '../adapters/system/sd-notify.ts';
import { VERSION } from '../adapters/system/version.ts';
import { Libp2pTransport } from '../adapters/transport/libp2p/transport.ts';
import { assemble } from './assemble.ts';
import { type Options, parseOptions, UsageError, usage } from './options.ts';
import { stopContainers } from './stop-containers.ts';

/** Runs the agent until SIGINT or SIGTERM. @returns the exit code. */
export async function run(args: string[], env: NodeJS.ProcessEnv): Promise<number> {
  try {
    const options = parseOptions(args, env);
    if (options === 'help' || options === 'version') {
      process.stdout.write(options === 'help' ? usage() : `${VERSION}\n`);
      return 0;
    }
    await lend(options, env);
    return 0;
  } catch (error) {
    process.stderr.write(`error: ${(error as Error).message}\n`);
    return error instanceof UsageError ? 2 : 1;
  }
}

async function lend(options: Options, env: NodeJS.ProcessEnv): Promise<void> {
  const stop = stopSignal();
  const { stateDirectory } = options;
  const clock = systemClock;
  const logger = createLogger({ level: options.logLevel });
  const metrics = new PrometheusMetrics();
  const lease = await acquireLease(join(stateDirectory, 'agent.lock'));
  if ('holder' in lease)
    throw new Error(`another peercomputed uses ${stateDirectory}; stop it, or choose another --state-dir`);
  const identity = await openIdentity(join(stateDirectory, 'identity.pem'), env.PEERCOMPUTE_PASSPHRASE);
  const store = new DirectoryStore({ clock, logger }, { directory: stateDirectory });
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
  const transport = new Libp2pTransport({ identity, clock, logger }, { listen: options.listen });
  const manager = assemble(
    { store, runtime, transport, identity, clock, logger, metrics, machine },
    options,
    stop,
  );

  const ended = manager.start(stop);
  await transport.start(stop);
  await startHealth(options, { metrics, logger }, stop);
  logger.info('Agent started', {
    peerID: identity.peerID,
    addresses: transport.addresses(),
    version: VERSION,
    platform: machine.platform,
  });
  await Promise.all([
    ended,
    new SystemdNotifier({ clock, logger }, { env, isAlive: () => true }).start(stop),
  ]);
  if (options.stopOnExit) await stopContainers(runtime, logger);
  lease.release();
  logger.info('Agent stopped', { containers: options.stopOnExit ? 'stopped' : 'left running' });
}

/** The first SIGINT or SIGTERM asks for an orderly end; a second one is not caught and ends at once. */
function stopSignal(): AbortSignal {
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => controller.abort());
  return controller.signal;
}

async function openIdentity(file: string, passphrase: string | undefined) {
  return existsSync(file) ? loadIdentity(file, { passphrase }) : createIdentity(file, { passphrase });
}

async function startHealth(
  { healthPort }: Options,
  components: ConstructorParameters<typeof HealthServer>[0],
  stop: AbortSignal,
): Promise<void> {
  if (healthPort === undefined) return;
  await new HealthServer(components, { port: healthPort }).start(stop);
}
