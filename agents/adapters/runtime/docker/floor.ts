import { createHash } from 'node:crypto';
import type Docker from 'dockerode';
import { canonicalJson } from '../../../../api/meta/canonical.ts';

/** Members of Docker's HostConfig that `@types/dockerode` does not know. */
export type HostConfig = Docker.HostConfig & { CgroupnsMode?: string; KernelMemory?: number };

/**
 * Everything that isolates or limits a container, in one form for what we ask and for what the engine says it has.
 * What is empty (null, 0, '', [], false) is left out, as engines differ in which of these they show: so a member
 * that nobody asked for shows as a difference, and one that a later version of this file adds does not.
 */
export type Floor = Record<string, unknown>;

/** Compared as they are. */
const PLAIN = [
  'AutoRemove',
  'Binds',
  'BlkioWeight',
  'CgroupParent',
  'CgroupnsMode',
  'CpuPeriod',
  'CpuQuota',
  'CpuRealtimePeriod',
  'CpuRealtimeRuntime',
  'CpuShares',
  'CpusetCpus',
  'CpusetMems',
  'DeviceCgroupRules',
  'DeviceRequests',
  'Devices',
  'ExtraHosts',
  'GroupAdd',
  'Init',
  'IpcMode',
  'KernelMemory',
  'Links',
  'Memory',
  'MemoryReservation',
  'MemorySwap',
  'Mounts',
  'NanoCpus',
  'NetworkMode',
  'OomKillDisable',
  'OomScoreAdj',
  'PidMode',
  'PidsLimit',
  'Privileged',
  'PublishAllPorts',
  'ReadonlyRootfs',
  'ShmSize',
  'Sysctls',
  'Tmpfs',
  'UTSMode',
  'UsernsMode',
  'VolumesFrom',
] as const satisfies readonly (keyof HostConfig)[];

/** The engine adds its own defaults to these; only ours are compared. */
const ULIMITS = ['core', 'nofile'];
const LOG_OPTIONS = ['max-file', 'max-size'];

/** What a container must have, from the request that creates it. */
export function expectedFloor(options: Docker.ContainerCreateOptions): Floor {
  const networks = Object.keys(options.NetworkingConfig?.EndpointsConfig ?? {});
  return compact({
    ...hostFloor(options.HostConfig ?? {}),
    User: options.User,
    networks,
  });
}

/** What a container has. */
export function actualFloor(info: Docker.ContainerInspectInfo): Floor {
  const host = info.HostConfig;
  return compact({
    ...hostFloor(host),
    User: info.Config.User,
    networks: Object.keys(info.NetworkSettings.Networks ?? {}).sort(),
    paused: info.State.Paused,
    // The engine fills these in where nobody asked: that they are there is what counts.
    unmasked: host.MaskedPaths?.length === 0 || host.ReadonlyPaths?.length === 0,
  });
}

/** Names of the members that differ. */
export function differences(expected: Floor, actual: Floor): string[] {
  const keys = new Set([...Object.keys(expected), ...Object.keys(actual)]);
  return [...keys].filter(
    (key) => canonicalJson(expected[key] ?? null) !== canonicalJson(actual[key] ?? null),
  );
}

function hostFloor(host: HostConfig): Floor {
  return {
    ...Object.fromEntries(PLAIN.map((key) => [key, host[key]])),
    CapAdd: capabilities(host.CapAdd),
    CapDrop: capabilities(host.CapDrop),
    SecurityOpt: (host.SecurityOpt as string[] | undefined)?.map(digest).sort(),
    RestartPolicy: host.RestartPolicy?.Name === 'no' ? undefined : host.RestartPolicy?.Name,
    LogDriver: host.LogConfig?.Type,
    LogOptions: LOG_OPTIONS.map((option) => host.LogConfig?.Config?.[option]),
    Ulimits: ulimits(host.Ulimits),
    PortBindings: bindings(host.PortBindings),
  };
}

/** Engines differ in the prefix and in the order. */
function capabilities(names: unknown): string[] | undefined {
  return (names as string[] | undefined)?.map((name) => name.replace(/^CAP_/, '')).sort();
}

/** A seccomp profile has 16 KiB; its hash tells as much. */
function digest(option: string): string {
  const [key, value] = [option.split(/[=:]/)[0] ?? '', option];
  return value.length > 64 ? `${key}=${createHash('sha256').update(value).digest('hex')}` : value;
}

function ulimits(limits: Docker.HostConfig['Ulimits']): Docker.HostConfig['Ulimits'] {
  return limits
    ?.filter(({ Name = '' }) => ULIMITS.includes(Name))
    .map(({ Name = '', Soft, Hard }) => ({ Name, Soft, Hard }))
    .sort((a, b) => (a.Name < b.Name ? -1 : 1));
}

/** The addresses only: the engine chooses the ports. */
function bindings(ports: unknown): Record<string, string[]> {
  const entries = Object.entries((ports ?? {}) as Record<string, { HostIp?: string }[] | null>);
  return Object.fromEntries(
    entries.map(([port, hosts]) => [port, (hosts ?? []).map(({ HostIp }) => HostIp ?? '')]),
  );
}

function compact(floor: Floor): Floor {
  return Object.fromEntries(Object.entries(floor).filter(([, value]) => !isEmpty(value)));
}

function isEmpty(value: unknown): boolean {
  if (typeof value === 'object' && value !== null) return Object.keys(value).length === 0;
  return !value;
}
