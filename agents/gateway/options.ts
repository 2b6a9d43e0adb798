import { availableParallelism, homedir } from 'node:os';
import { join } from 'node:path';
import { DNS_SUBDOMAIN } from '../../api/meta/names.ts';
import { toBytes } from '../../api/meta/quantity.ts';
import {
  atMost,
  COMMON_FLAGS,
  type CommonOptions,
  commonOptions,
  integer,
  parsed,
  parseFlags,
  port,
  UsageError,
  usage,
} from '../daemon/flags.ts';
import { CERTIFICATE_FLAGS, certificateOptions } from './certificate-flags.ts';
import type { CertificateOptions } from './certificates/create-certificates.ts';
import type { EdgeInit } from './data-plane/data-plane.ts';
import { resolverAddress } from './host-proofs/dns-host-proofs.ts';

/** What the owner of the gateway decides when starting it. */
export interface Options extends CommonOptions {
  /** Host names are made below it. */
  domain: string;
  /** Port of the control connections of peers. */
  tunnelPort: number;
  /** What visitors meet. */
  edge: EdgeInit;
  /** Processes that serve visitors; one is the gateway itself. */
  workers: number;
  /** Who is asked whose a host is; empty: whom the system asks. */
  dnsResolvers: string[];
  certificates: CertificateOptions;
}

const FLAGS = {
  domain: {
    type: 'string',
    value: 'DOMAIN',
    help: 'host names are made below it: <deployment>-<owner>.DOMAIN',
  },
  'https-port': {
    type: 'string',
    default: '443',
    value: 'PORT',
    help: 'port for visitors, and for the tunnels of providers',
  },
  'http-port': { type: 'string', default: '80', value: 'PORT', help: 'port that sends visitors to HTTPS' },
  'tunnel-port': {
    type: 'string',
    default: '8443',
    value: 'PORT',
    help: 'port for the control connections of peers',
  },
  listen: { type: 'string', default: '::', value: 'ADDRESS', help: 'address to listen on' },
  workers: {
    type: 'string',
    default: '1',
    value: 'N',
    help: 'processes that serve visitors, or auto: one for each core. With 1 the gateway itself does',
  },
  'max-body': { type: 'string', default: '10Gi', value: 'BYTES', help: 'largest request body' },
  'max-rate-per-address': {
    type: 'string',
    default: '300',
    value: 'N',
    help: 'requests a second from one address, or from one /64 of IPv6, to each worker; three times as many at once; or off',
  },
  'max-rate-per-host': {
    type: 'string',
    default: 'off',
    value: 'N',
    help: 'requests a second for one host name, to each worker; three times as many at once; or off',
  },
  'max-connections-per-address': {
    type: 'string',
    default: '512',
    value: 'N',
    help: 'connections at a time from one address, or from one /64 of IPv6, to each worker; or off',
  },
  hsts: {
    type: 'string',
    default: 'off',
    value: 'SECONDS',
    help: 'tell browsers to insist on HTTPS for so long, in place of what containers say; or off',
  },
  'dns-resolver': {
    type: 'string',
    multiple: true,
    value: 'ADDRESS[:PORT]',
    help: 'who is asked whose a host outside of DOMAIN is; repeatable (default: whom the system asks)',
  },
  ...CERTIFICATE_FLAGS,
  'state-dir': {
    type: 'string',
    value: 'DIR',
    help: 'identity, trusted peers, routes and certificates (default: $PEERCOMPUTE_GATEWAY_HOME or ~/.peercompute-gateway)',
  },
  ...COMMON_FLAGS,
  'health-port': { ...COMMON_FLAGS['health-port'], default: '9002' },
} as const;

type FlagValues = ReturnType<typeof parseFlags<typeof FLAGS>>;

/** More than any machine has cores for; each costs some 70 MB. */
const MAX_WORKERS = 128;

export function usageText(): string {
  const purpose =
    'Gives containers on peers behind NAT a public HTTPS address, through tunnels that their providers open.';
  return usage('gateway', purpose, FLAGS);
}

/** @throws UsageError naming the flag. */
export function parseOptions(args: string[], env: NodeJS.ProcessEnv): Options | 'help' | 'version' {
  const values = parseFlags(args, FLAGS);
  if (values.help) return 'help';
  if (values.version) return 'version';
  const { domain } = values;
  if (domain === undefined) throw new UsageError('--domain is needed: host names are made below it');
  if (!DNS_SUBDOMAIN.test(domain))
    throw new UsageError(`--domain: must be a domain such as example.com, not "${domain}"`);
  const stateDirectory =
    values['state-dir'] ?? env.PEERCOMPUTE_GATEWAY_HOME ?? join(homedir(), '.peercompute-gateway');
  const certificates = certificateOptions(values, env, { domain, stateDirectory });
  return {
    ...commonOptions(values),
    stateDirectory,
    domain,
    tunnelPort: port('tunnel-port', values['tunnel-port']),
    workers:
      values.workers === 'auto' ? availableParallelism() : integer('workers', values.workers, 1, MAX_WORKERS),
    certificates,
    dnsResolvers: (values['dns-resolver'] ?? []).map(
      (address) => parsed('dns-resolver', address, resolverAddress) as string,
    ),
    edge: edgeOptions(values, { domain, behindProxy: certificates.tls === 'off' }),
  };
}

function edgeOptions(values: FlagValues, owner: Pick<EdgeInit, 'domain' | 'behindProxy'>): EdgeInit {
  return {
    ...owner,
    listen: values.listen,
    httpsPort: port('https-port', values['https-port']),
    httpPort: port('http-port', values['http-port']),
    visitorLimits: {
      ratePerAddress: atMost('max-rate-per-address', values['max-rate-per-address']),
      ratePerHost: atMost('max-rate-per-host', values['max-rate-per-host']),
      connectionsPerAddress: atMost('max-connections-per-address', values['max-connections-per-address']),
    },
    hstsSeconds: atMost('hsts', values.hsts),
    maxBodyBytes: parsed('max-body', values['max-body'], toBytes) as number,
  };
}
