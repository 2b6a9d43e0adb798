import { homedir } from 'node:os';
import { join } from 'node:path';
import { toBytes, toNanoCPUs } from '../../api/meta/quantity.ts';
import {
  COMMON_FLAGS,
  type CommonOptions,
  commonOptions,
  integer,
  parsed,
  parseFlags,
  port,
  usage,
} from '../daemon/flags.ts';
import { type GatewayAddress, parseGateway } from './tunnels/gateway-address.ts';

/** What the owner of this machine decides when starting the agent. */
export interface Options extends CommonOptions {
  /** Multiaddrs to listen on. */
  listen: string[];
  ceiling: { nanoCPUs?: number; memoryBytes?: number; deployments?: number };
  /** Where guests' containers are exposed. */
  gateways: GatewayAddress[];
  /** Whether a gateway that is given without its peer ID is believed the first time. */
  gatewayTrustOnFirstUse: boolean;
  dockerHost: string | undefined;
  registryConfig: string | undefined;
  cgroupParent: string | undefined;
  stopOnExit: boolean;
}

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
  gateway: {
    type: 'string',
    multiple: true,
    value: 'ADDRESS',
    help: 'gateway that carries exposed containers: /dns4/HOST/tcp/PORT/p2p/ID, or HOST:PORT of a TrustedPeer; repeatable',
  },
  'gateway-trust-on-first-use': {
    type: 'boolean',
    help: 'believe a gateway given as HOST:PORT the first time who it is, and nobody else there from then on',
  },
  'stop-on-exit': {
    type: 'boolean',
    help: 'stop the containers when the agent stops; by default they go on',
  },
  ...COMMON_FLAGS,
} as const;

export function usageText(): string {
  const purpose =
    "Lends this machine to the peers its owner trusts: runs their containers within the owner's limits.";
  return usage('peercomputed', purpose, FLAGS);
}

/** @throws UsageError naming the flag. */
export function parseOptions(args: string[], env: NodeJS.ProcessEnv): Options | 'help' | 'version' {
  const values = parseFlags(args, FLAGS);
  if (values.help) return 'help';
  if (values.version) return 'version';
  const tcpPort = port('port', values.port);
  return {
    ...commonOptions(values),
    stateDirectory: values['state-dir'] ?? env.PEERCOMPUTED_HOME ?? join(homedir(), '.peercomputed'),
    listen: (values.listen ?? ['0.0.0.0', '::']).map(
      (address) => `/${address.includes(':') ? 'ip6' : 'ip4'}/${address}/tcp/${tcpPort}`,
    ),
    ceiling: {
      nanoCPUs: parsed('max-cpu', values['max-cpu'], toNanoCPUs),
      memoryBytes: parsed('max-memory', values['max-memory'], toBytes),
      deployments: parsed('max-deployments', values['max-deployments'], (text) =>
        integer('max-deployments', text, 0, 1_000_000),
      ),
    },
    gateways: (values.gateway ?? []).map((text) => parsed('gateway', text, parseGateway) as GatewayAddress),
    gatewayTrustOnFirstUse: values['gateway-trust-on-first-use'] ?? false,
    dockerHost: values['docker-host'] ?? env.DOCKER_HOST,
    registryConfig: values['registry-config'],
    cgroupParent: values['cgroup-parent'],
    stopOnExit: values['stop-on-exit'] ?? false,
  };
}
