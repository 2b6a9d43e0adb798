import { API_VERSION } from '../../../api/kinds.ts';
import { parseImageReference } from '../../../api/meta/image-reference.ts';
import { decodeManifest, formatPath } from '../../../api/scheme.ts';
import type { ManifestOf } from '../../../api/v1alpha1/types.ts';
import type { Desired } from '../apply/read-manifests.ts';
import { CommandError, ExitCode, UsageError } from '../errors.ts';
import { DEFAULT_NAMESPACE } from '../resources.ts';

/** What `peerctl deploy` is told. */
export interface DeployOptions {
  peer: readonly string[];
  name?: string | undefined;
  namespace?: string | undefined;
  replicas?: number | undefined;
  cpu?: string | undefined;
  memory?: string | undefined;
  env: readonly string[];
  port: readonly string[];
  /** Port to expose; it is added to the others. */
  expose?: string | undefined;
  host?: string | undefined;
}

/**
 * The manifest that a person would have written for this command line, with no word more than it says.
 * @throws CommandError naming the flag or field at fault.
 */
export function manifestFor(image: string, args: readonly string[], options: DeployOptions): Desired {
  const { peer, namespace = DEFAULT_NAMESPACE, replicas, cpu, memory } = options;
  if (peer.length === 0) throw new UsageError('say where it is to run: --peer NAME');
  const name = options.name ?? nameFor(image);
  const limits = { ...(cpu !== undefined && { cpu }), ...(memory !== undefined && { memory }) };
  if (options.host !== undefined && options.expose === undefined)
    throw new UsageError('--host needs --expose');
  const expose = options.expose === undefined ? undefined : containerPort(options.expose);
  const ports = options.port.map(containerPort);
  const isListed = ports.some((port) => port.containerPort === expose?.containerPort && !port.protocol);
  if (expose && !isListed) ports.push(expose);
  const container = {
    name,
    image,
    ...(args.length > 0 && { args: [...args] }),
    ...(options.env.length > 0 && { env: options.env.map(variable) }),
    ...(ports.length > 0 && { ports }),
    ...(Object.keys(limits).length > 0 && { resources: { limits } }),
  };
  const spec = {
    placement: { peers: [...peer] },
    ...(replicas !== undefined && { replicas }),
    ...(expose && {
      expose: { port: expose.containerPort, ...(options.host !== undefined && { host: options.host }) },
    }),
    template: { spec: { containers: [container] } },
  };
  const metadata = { name, namespace };
  const decoded = decodeManifest({ apiVersion: API_VERSION, kind: 'Deployment', metadata, spec });
  if (!decoded.ok) {
    const problems = decoded.errors.map(({ path, message }) => `${formatPath(path)}: ${message}`);
    throw new CommandError(problems.join('; '), ExitCode.Usage);
  }
  return { file: 'deploy', line: 1, manifest: decoded.value as ManifestOf<'Deployment'>, written: { spec } };
}

/** `ghcr.io/alice/Web_App:1` becomes `web-app`. */
function nameFor(image: string): string {
  const { repository } = parsed(image);
  const last = repository.split('/').at(-1) ?? '';
  return last
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 63)
    .replace(/-+$/, '');
}

function parsed(image: string) {
  try {
    return parseImageReference(image);
  } catch (error) {
    throw new CommandError((error as RangeError).message, ExitCode.Usage);
  }
}

function variable(text: string): { name: string; value: string } {
  const equals = text.indexOf('=');
  if (equals < 1) throw new UsageError(`flag --env must be NAME=VALUE, not "${equals < 0 ? text : '=...'}"`);
  return { name: text.slice(0, equals), value: text.slice(equals + 1) };
}

function containerPort(text: string): { containerPort: number; protocol?: string } {
  const [, port, protocol] = /^(\d{1,5})(?:\/(tcp|udp))?$/i.exec(text) ?? [];
  if (port === undefined)
    throw new UsageError(`flag --port must be a port such as 80 or 53/udp, not "${text}"`);
  return { containerPort: Number(port), ...(protocol && { protocol: protocol.toUpperCase() }) };
}
