import { homedir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { toBytes, toNanoCPUs } from '../../api/meta/quantity.ts';

/** What the owner of this machine decides when starting the agent. */
export interface Options {
  stateDirectory: string;
  /** Multiaddrs to listen on. */
  listen: string[];
  /** Port of the health and metrics endpoint on 127.0.0.1; 0 lets the kernel choose, undefined turns it off. */
  healthPort: number | undefined;
  ceiling: { nanoCPUs?: number; memoryBytes?: number; deployments?: number };
  dockerHost: string | undefined;
  registryConfig: string | undefined;
  cgroupParent: string | undefined;
  stopOnExit: boolean;
  logLevel: 'debug' | 'info' | 'warn' | 'error';
}

/** A mistake on the command line. */
export class UsageError extends Error {}

const FLAGS = {
  port: { type: 'string', default: '9000', value: 'PORT', help: 'TCP port for peers' },
  listen: {
    type: 'string',
    multiple: true,
    value: 'ADDRESS',
    help: 'address for peers instead of every one of this machine; repeatable',
  },
  'state-dir': {
    type: 'string',
    value: 'DIR',
    help: 'identity, trusted peers and accepted specs (default: $PEERCOMPUTED_HOME or ~/.peercomputed)',
  },
  'max-cpu': {
    type: 'string',
    value: 'CPU',
    help: 'cores that all guests together may be given, such as 2 or 1500m',
  },
  'max-memory': {
    type: 'string',
    value: 'MEMORY',
    help: 'memory that all guests together may be given, such as 4Gi',
  },
  'max-deployments': { type: 'string', value: 'N', help: 'Deployments that all peers together may have' },
  'docker-host': {
    type: 'string',
    value: 'URL',
    help: "Docker Engine to use (default: $DOCKER_HOST or Docker's own default)",
  },
  'registry-config': {
    type: 'string',
    value: 'FILE',
    help: "registry credentials, in the format of Docker's config.json",
  },
  'cgroup-parent': {
    type: 'string',
    value: 'CGROUP',
    help: 'parent cgroup of every guest: a hard ceiling for all of them together',
  },
  'health-port': {
    type: 'string',
    default: '9001',
    value: 'PORT',
    help: 'port for /healthz and /metrics on 127.0.0.1; "off" for none',
  },
  'stop-on-exit': {
    type: 'boolean',
    help: 'stop the containers when the agent stops; by default they go on',
  },
  'log-level': { type: 'string', default: 'info', value: 'LEVEL', help: 'debug, info, warn or error' },
  version: { type: 'boolean', help: 'print the version' },
  help: { type: 'boolean', short: 'h', help: 'print this help' },
} as const;

const LEVELS = ['debug', 'info', 'warn', 'error'] as const;

export function usage(): string {
  const rows = Object.entries(FLAGS).map(([name, flag]) => {
    const value = 'value' in flag ? ` ${flag.value}` : '';
    const fallback = 'default' in flag ? ` (default: ${flag.default})` : '';
    return `  ${`--${name}${value}`.padEnd(26)} ${flag.help}${fallback}`;
  });
  return `Lends this machine to the peers its owner trusts: runs their containers within the owner's limits.\n\nUsage: peercomputed [flags]\n\n${rows.join('\n')}\n`;
}

/** @throws UsageError naming the flag. */
export function parseOptions(args: string[], env: NodeJS.ProcessEnv): Options | 'help' | 'version' {
  const values = parse(args);
  if (values.help) return 'help';
  if (values.version) return 'version';
  const port = integer('port', values.port, 0, 65_535);
  return {
    stateDirectory: values['state-dir'] ?? env.PEERCOMPUTED_HOME ?? join(homedir(), '.peercomputed'),
    listen: (values.listen ?? ['0.0.0.0', '::']).map(
      (address) => `/${address.includes(':') ? 'ip6' : 'ip4'}/${address}/tcp/${port}`,
    ),
    healthPort:
      values['health-port'] === 'off' ? undefined : integer('health-port', values['health-port'], 0, 65_535),
    ceiling: {
      nanoCPUs: amount('max-cpu', values['max-cpu'], toNanoCPUs),
      memoryBytes: amount('max-memory', values['max-memory'], toBytes),
      deployments: amount('max-deployments', values['max-deployments'], (text) =>
        integer('max-deployments', text, 0, 1_000_000),
      ),
    },
    dockerHost: values['docker-host'] ?? env.DOCKER_HOST,
    registryConfig: values['registry-config'],
    cgroupParent: values['cgroup-parent'],
    stopOnExit: values['stop-on-exit'] ?? false,
    logLevel: logLevel(values['log-level']),
  };
}

function parse(args: string[]) {
  try {
    return parseArgs({ args, options: FLAGS, strict: true, allowPositionals: false }).values;
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

function logLevel(text: string): Options['logLevel'] {
  const level = LEVELS.find((known) => known === text);
  if (level) return level;
  throw new UsageError(`--log-level: must be one of ${LEVELS.join(', ')}`);
}

function integer(flag: string, text: string, least: number, most: number): number {
  const value = /^\d{1,7}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  throw new UsageError(`--${flag}: must be a whole number from ${least} to ${most}, not "${text}"`);
}

function amount(
  flag: string,
  text: string | undefined,
  parseAmount: (text: string) => number,
): number | undefined {
  if (text === undefined) return undefined;
  try {
    return parseAmount(text);
  } catch (error) {
    throw error instanceof UsageError ? error : new UsageError(`--${flag}: ${(error as Error).message}`);
  }
}
