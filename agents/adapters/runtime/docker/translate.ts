import type Docker from 'dockerode';
import { toBytes, toNanoCPUs } from '../../../../api/meta/quantity.ts';
import type { Container } from '../../../../api/v1alpha1/container.ts';
import type { RunRequest } from '../../../../controllers/ports/runtime.ts';
import { expectedFloor, type HostConfig } from './floor.ts';
import { encodeIdentity, Label, type Labels } from './labels.ts';
import { containerName, hostName, networkName } from './names.ts';
import { capabilitiesOf, userOf } from './privileges.ts';
import seccompProfile from './profile/seccomp.json' with { type: 'json' };

/** What a request does not say and its container depends on. */
export interface Surroundings {
  /** Peer ID of this agent. */
  agentID: string;
  /** Parent of the cgroups of all guests: their common ceiling. */
  cgroupParent?: string | undefined;
  /** Cores of the engine's machine. */
  cpus: number;
  image: {
    /** As the image has it: `user[:group]`, empty for root. */
    user: string;
    /** Digest or ID, to be shown. */
    name: string;
  };
}

const MiB = 1024 * 1024;

/** Docker's bounds for CPU: 0.01 cores, and what the machine has. */
const MIN_NANO_CPUS = 10_000_000;

/** Threads count: enough for a large JVM; a fork bomb ends here. */
const PIDS_LIMIT = 1024;

/** Open files of one process. More than dockerd's own hard limit (often 20,000 or so) would be refused at the start. */
const OPEN_FILES = 16_384;

/** Docker's own default, so that no image meets less than it was tested with. */
const SHM_BYTES = 64 * MiB;

/** When memory is short on the machine, guests go before the owner's programs (0) and after what asked for it (1000). */
const OOM_SCORE_ADJ = 500;

/** Three files of 10 MB: a log flood costs 30 MB of disk. */
const LOG_CONFIG = { Type: 'local', Config: { 'max-size': '10m', 'max-file': '3' } };

const SECURITY_OPTIONS = ['no-new-privileges', `seccomp=${JSON.stringify(seccompProfile)}`];

/**
 * What Docker is asked to create. This is the one place of the isolation floor: a spec can tighten it, and only by
 * the fields that are read here.
 * @throws RuntimeError RunAsRoot or CapabilityNotAllowed, both terminal.
 */
export function translate(request: RunRequest, surroundings: Surroundings): Docker.ContainerCreateOptions {
  const { container } = request;
  const { network } = networkName(surroundings.agentID, request.owner, request.namespace);
  const options: Docker.ContainerCreateOptions = {
    name: containerName(surroundings.agentID, request),
    Hostname: hostName(request),
    Image: request.imageID,
    Entrypoint: unlessEmpty(container.command),
    Cmd: unlessEmpty(container.args),
    WorkingDir: container.workingDir || undefined,
    Env: container.env?.map(({ name, value }) => `${name}=${value}`),
    User: userOf(container, surroundings.image.user),
    ExposedPorts: byPort(container, () => ({})),
    // When Docker itself shuts down it gives the same grace as we do.
    StopTimeout: request.terminationGracePeriodSeconds,
    // The image's own check would run beside our probes and decide nothing.
    Healthcheck: { Test: ['NONE'] },
    HostConfig: hostConfig(container, network, surroundings),
    NetworkingConfig: { EndpointsConfig: { [network]: { Aliases: [request.deployment] } } },
  };
  return { ...options, Labels: labels(request, surroundings, options) };
}

function hostConfig(container: Container, network: string, surroundings: Surroundings): HostConfig {
  const memory = toBytes(container.resources.limits.memory);
  const nanoCPUs = toNanoCPUs(container.resources.limits.cpu);
  return {
    Privileged: false,
    CapDrop: ['ALL'],
    CapAdd: capabilitiesOf(container),
    SecurityOpt: SECURITY_OPTIONS,
    // Instead of NET_BIND_SERVICE: port 80 is no privilege in a network namespace of one's own.
    Sysctls: { 'net.ipv4.ip_unprivileged_port_start': '0' },
    Memory: memory,
    MemorySwap: memory,
    NanoCpus: Math.min(Math.max(nanoCPUs, MIN_NANO_CPUS), surroundings.cpus * 1e9),
    PidsLimit: PIDS_LIMIT,
    Ulimits: [
      { Name: 'nofile', Soft: OPEN_FILES, Hard: OPEN_FILES },
      { Name: 'core', Soft: 0, Hard: 0 },
    ],
    ShmSize: SHM_BYTES,
    OomScoreAdj: OOM_SCORE_ADJ,
    OomKillDisable: false,
    LogConfig: LOG_CONFIG,
    IpcMode: 'private',
    CgroupnsMode: 'private',
    CgroupParent: surroundings.cgroupParent,
    Init: true,
    // The reconciler restarts, with back-off: two masters would race.
    RestartPolicy: { Name: 'no' },
    NetworkMode: network,
    // Never 0.0.0.0. The empty port lets the kernel choose.
    PortBindings: byPort(container, () => [{ HostIp: '127.0.0.1', HostPort: '' }]),
    ...readOnlyRoot(container, memory),
  };
}

function readOnlyRoot(container: Container, memory: number): HostConfig {
  if (!container.securityContext?.readOnlyRootFilesystem) return {};
  // Its pages count as the container's memory: at half of it /tmp is full before the process is killed.
  const options = ['rw', 'nosuid', 'nodev', 'noexec', 'mode=1777', `size=${Math.floor(memory / 2)}`];
  return { ReadonlyRootfs: true, Tmpfs: { '/tmp': options.join(',') } };
}

function labels(
  request: RunRequest,
  { agentID, image }: Surroundings,
  options: Docker.ContainerCreateOptions,
): Labels {
  const named = request.container.ports?.filter(({ name }) => name !== undefined) ?? [];
  return {
    ...encodeIdentity(agentID, request),
    [Label.imageID]: request.imageID,
    [Label.image]: image.name,
    [Label.portNames]: named.map(({ name, containerPort }) => `${name}=${containerPort}`).join(','),
    [Label.floor]: JSON.stringify(expectedFloor(options)),
  };
}

/** A member `80/tcp` for each port. */
function byPort<T>(container: Container, value: () => T): Record<string, T> {
  const ports = container.ports ?? [];
  return Object.fromEntries(
    ports.map(({ containerPort, protocol }) => [`${containerPort}/${protocol.toLowerCase()}`, value()]),
  );
}

/** To Docker an empty list means "nothing"; in a spec it means "as the image says". */
function unlessEmpty(list: string[] | undefined): string[] | undefined {
  return list?.length ? list : undefined;
}
