import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../../controllers/ports/clock.ts';
import type { Logger } from '../../controllers/ports/logger.ts';
import type { Identity } from '../adapters/identity/identity.ts';
import { createIdentity, loadIdentity } from '../adapters/identity/keystore.ts';
import { DirectoryStore } from '../adapters/store/directory-store.ts';
import { acquireLease } from '../adapters/store/lease.ts';
import { systemClock } from '../adapters/system/clock.ts';
import { HealthServer } from '../adapters/system/health-server.ts';
import { createLogger } from '../adapters/system/logger.ts';
import { PrometheusMetrics } from '../adapters/system/metrics.ts';
import { SystemdNotifier } from '../adapters/system/sd-notify.ts';
import { VERSION } from '../adapters/system/version.ts';
import { type CommonOptions, UsageError } from './flags.ts';

/** What a program that runs for ever is made of, whatever it does. */
export interface Daemon {
  identity: Identity;
  store: DirectoryStore;
  clock: Clock;
  logger: Logger;
  metrics: PrometheusMetrics;
}

export interface DaemonInit<Options extends CommonOptions> {
  /** Its command, for messages. */
  program: string;
  parse(args: string[], env: NodeJS.ProcessEnv): Options | 'help' | 'version';
  usage(): string;
  /** Resolves when it does its work; it ends with the signal, and then `ended` resolves. */
  begin(daemon: Daemon, options: Options, stop: AbortSignal): Promise<{ ended: Promise<unknown> }>;
}

/** Runs a program until SIGINT or SIGTERM. @returns the exit code. */
export async function runDaemon<Options extends CommonOptions>(
  args: string[],
  env: NodeJS.ProcessEnv,
  init: DaemonInit<Options>,
): Promise<number> {
  try {
    const options = init.parse(args, env);
    if (options === 'help' || options === 'version')
      process.stdout.write(options === 'help' ? init.usage() : `${VERSION}\n`);
    else await serve(options, env, init);
    return 0;
  } catch (error) {
    process.stderr.write(`error: ${(error as Error).message}\n`);
    return error instanceof UsageError ? 2 : 1;
  }
}

async function serve<Options extends CommonOptions>(
  options: Options,
  env: NodeJS.ProcessEnv,
  init: DaemonInit<Options>,
): Promise<void> {
  const controller = stopOnSignals();
  await serveUntil(controller.signal, options, env, init).finally(() => {
    // Where it failed, what had begun would keep the process alive.
    controller.abort();
  });
}

async function serveUntil<Options extends CommonOptions>(
  stop: AbortSignal,
  options: Options,
  env: NodeJS.ProcessEnv,
  { program, begin }: DaemonInit<Options>,
): Promise<void> {
  const { stateDirectory } = options;
  const clock = systemClock;
  const logger = createLogger({ level: options.logLevel });
  const metrics = new PrometheusMetrics();
  const lease = await acquireLease(join(stateDirectory, 'agent.lock'));
  if ('holder' in lease)
    throw new Error(`another ${program} uses ${stateDirectory}; stop it, or choose another --state-dir`);
  const identity = await openIdentity(join(stateDirectory, 'identity.pem'), env.PEERCOMPUTE_PASSPHRASE);
  const store = new DirectoryStore({ clock, logger }, { directory: stateDirectory });
  const { ended } = await begin({ identity, store, clock, logger, metrics }, options, stop);
  if (options.healthPort !== undefined)
    await new HealthServer({ metrics, logger }, { port: options.healthPort }).start(stop);
  const notifier = new SystemdNotifier({ clock, logger }, { env, isAlive: () => true });
  await Promise.all([ended, notifier.start(stop)]);
  lease.release();
}

/** The first SIGINT or SIGTERM asks for an orderly end; a second one is not caught and ends at once. */
function stopOnSignals(): AbortController {
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => controller.abort());
  return controller;
}

async function openIdentity(file: string, passphrase: string | undefined): Promise<Identity> {
  return existsSync(file) ? loadIdentity(file, { passphrase }) : createIdentity(file, { passphrase });
}
