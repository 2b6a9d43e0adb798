import { API_VERSION } from '../../../api/kinds.ts';
import { isObject } from '../../../api/meta/merge-patch.ts';
import { PEER_ID } from '../../../api/meta/names.ts';
import { decodeManifest, formatPath } from '../../../api/scheme.ts';
import type { TrustedPeerSpec } from '../../../api/v1alpha1/trusted-peer.ts';
import type { ManifestOf, TrustedPeer } from '../../../api/v1alpha1/types.ts';
import { CommandError, ExitCode, UsageError } from '../errors.ts';

/** What `peerctl peers add` is told. */
export interface PeerOptions {
  name?: string | undefined;
  addr: readonly string[];
  allow: readonly string[];
  cpu?: string | undefined;
  memory?: string | undefined;
  'max-deployments'?: number | undefined;
  'max-replicas'?: number | undefined;
  image: readonly string[];
  host: readonly string[];
  expires?: string | undefined;
}

const GRANTS: readonly string[] = ['deploy', 'logs', 'expose', 'relay'];

/**
 * The TrustedPeer that a command line asks for. What it does not say stays as in `live`.
 * @throws UsageError
 */
export function trustedPeerFor(
  peerID: string,
  options: PeerOptions,
  live: TrustedPeer | undefined,
): ManifestOf<'TrustedPeer'> {
  if (!PEER_ID.test(peerID))
    throw new UsageError(`"${peerID}" is not a peer ID; the other side's "peerctl identity" prints it`);
  const spec = {
    ...live?.spec,
    peerID,
    ...(options.addr.length > 0 && { addresses: [...options.addr] }),
    ...(options.expires !== undefined && { expiresAt: options.expires }),
    grants: grantsFor(options, live?.spec.grants),
  };
  const metadata = { name: live?.metadata.name ?? options.name ?? defaultName(peerID) };
  const decoded = decodeManifest({ apiVersion: API_VERSION, kind: 'TrustedPeer', metadata, spec });
  if (decoded.ok) return decoded.value as ManifestOf<'TrustedPeer'>;
  const problems = decoded.errors.map(({ path, message }) => `${formatPath(path)}: ${message}`);
  throw new CommandError(problems.join('; '), ExitCode.Usage);
}

/** Base58 in lower case is still telling enough for a name; a person gives a better one with --name. */
export function defaultName(peerID: string): string {
  return `peer-${peerID.slice(-6).toLowerCase()}`;
}

function grantsFor(options: PeerOptions, live: TrustedPeerSpec['grants'] | undefined): unknown {
  const allowed = options.allow.flatMap((text) => text.split(','));
  const unknown = allowed.find((grant) => !GRANTS.includes(grant));
  if (unknown !== undefined)
    throw new UsageError(`flag --allow knows ${GRANTS.join(', ')}, not "${unknown}"`);
  const bounds = deployBounds(options);
  const mayDeploy = allowed.includes('deploy') || live?.deploy !== undefined;
  if (isObject(bounds) && !mayDeploy) throw new UsageError('bounds for deployments need --allow deploy');
  const mayExpose = allowed.includes('expose') || live?.expose !== undefined;
  if (options.host.length > 0 && !mayExpose) throw new UsageError('--host needs --allow expose');
  return {
    ...live,
    ...(allowed.includes('logs') && { logs: true }),
    ...(allowed.includes('relay') && { relay: true }),
    ...(mayExpose && {
      expose: { ...live?.expose, ...(options.host.length > 0 && { hosts: [...options.host] }) },
    }),
    ...(mayDeploy && { deploy: merged(live?.deploy, bounds) }),
  };
}

function deployBounds(options: PeerOptions): Record<string, unknown> | undefined {
  const { cpu, memory, image } = options;
  const resources = { ...(cpu !== undefined && { cpu }), ...(memory !== undefined && { memory }) };
  const bounds = {
    ...(options['max-deployments'] !== undefined && { maxDeployments: options['max-deployments'] }),
    ...(options['max-replicas'] !== undefined && { maxReplicas: options['max-replicas'] }),
    ...(image.length > 0 && { images: [...image] }),
    ...(Object.keys(resources).length > 0 && { resources }),
  };
  return Object.keys(bounds).length > 0 ? bounds : undefined;
}

function merged(live: TrustedPeerSpec['grants']['deploy'], bounds: Record<string, unknown> = {}): unknown {
  const resources = { ...live?.resources, ...(isObject(bounds.resources) ? bounds.resources : {}) };
  return { ...live, ...bounds, resources };
}
