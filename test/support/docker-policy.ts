import type { Container } from '../../api/v1alpha1/container.ts';

/** What `docker inspect` answers, as far as the policy speaks of it. */
export interface InspectedContainer {
  AppArmorProfile: string;
  Config: { User: string; Tty: boolean; OpenStdin: boolean; Healthcheck?: { Test: string[] } };
  HostConfig: Record<string, unknown>;
  Mounts: { Type: string }[];
  NetworkSettings: { Networks: Record<string, unknown> };
}

const BASELINE = ['CHOWN', 'DAC_OVERRIDE', 'FOWNER', 'SETGID', 'SETUID'];

/** What only widens what a guest may do: in no container of ours any of it is set. */
const NEVER = [
  'AutoRemove',
  'Binds',
  'BlkioWeight',
  'Cgroup',
  'CpuShares',
  'CpusetCpus',
  'DeviceCgroupRules',
  'DeviceRequests',
  'Devices',
  'ExtraHosts',
  'GroupAdd',
  'Links',
  'Mounts',
  'OomKillDisable',
  'PidMode',
  'Privileged',
  'PublishAllPorts',
  'UTSMode',
  'UsernsMode',
  'VolumesFrom',
];

/**
 * The isolation policy over again, from the container as it is and independent of the code that makes it
 * (docs/threat-model says why each line stands there).
 */
export function expectPolicy(inspected: InspectedContainer, spec: Container, cpus: number): void {
  const host = inspected.HostConfig;
  for (const member of NEVER) expect({ [member]: emptied(host[member]) }).toEqual({ [member]: undefined });
  expect(names(host.CapDrop)).toEqual(['ALL']);
  expect(names(host.CapAdd)).toEqual(capabilities(spec));
  expectSecurityOptions(host.SecurityOpt as string[]);
  expectLimits(host, spec, cpus);
  expect(host).toMatchObject({
    CgroupnsMode: 'private',
    Init: true,
    IpcMode: 'private',
    LogConfig: { Type: 'local', Config: { 'max-size': '10m', 'max-file': '3' } },
    RestartPolicy: { Name: 'no' },
    ShmSize: 64 * 1024 * 1024,
    Sysctls: { 'net.ipv4.ip_unprivileged_port_start': '0' },
  });
  expect(host.MaskedPaths).toEqual(expect.arrayContaining(['/proc/kcore', '/proc/keys', '/sys/firmware']));
  expect(host.ReadonlyPaths).toEqual(expect.arrayContaining(['/proc/sys', '/proc/sysrq-trigger']));
  expectRootFileSystem(host, spec);
  expectNetwork(inspected, spec);
  expect(inspected.Mounts).toEqual([]);
  expect(inspected.Config).toMatchObject({
    Tty: false,
    OpenStdin: false,
    User: user(spec),
    Healthcheck: { Test: ['NONE'] },
  });
}

function expectSecurityOptions(options: string[]): void {
  expect(options).toHaveLength(2);
  expect(options).toContain('no-new-privileges');
  const profile = JSON.parse(options.find((option) => option.startsWith('seccomp='))?.slice(8) ?? '');
  expect(profile).toMatchObject({ defaultAction: 'SCMP_ACT_ERRNO' });
}

function expectLimits(host: Record<string, unknown>, spec: Container, cpus: number): void {
  expect(host.Memory).toBeGreaterThanOrEqual(6 * 1024 * 1024);
  expect(host.MemorySwap).toBe(host.Memory);
  expect(host.NanoCpus).toBeGreaterThan(0);
  expect(host.NanoCpus).toBeLessThanOrEqual(cpus * 1e9);
  const { memory } = spec.resources.limits;
  if (memory.endsWith('Mi')) expect(host.Memory).toBe(Number.parseInt(memory, 10) * 1024 * 1024);
  expect(host.PidsLimit).toBe(1024);
  expect(host.OomScoreAdj).toBe(500);
  expect(host.Ulimits).toEqual(
    expect.arrayContaining([
      { Name: 'nofile', Soft: 16_384, Hard: 16_384 },
      { Name: 'core', Soft: 0, Hard: 0 },
    ]),
  );
}

function expectRootFileSystem(host: Record<string, unknown>, spec: Container): void {
  const readOnly = spec.securityContext?.readOnlyRootFilesystem === true;
  expect(host.ReadonlyRootfs).toBe(readOnly);
  const options = expect.stringMatching(/\bnosuid,nodev,noexec\b.*\bsize=\d+/);
  expect(emptied(host.Tmpfs)).toEqual(readOnly ? { '/tmp': options } : undefined);
}

function expectNetwork({ HostConfig, NetworkSettings }: InspectedContainer, spec: Container): void {
  expect(Object.keys(NetworkSettings.Networks)).toEqual([HostConfig.NetworkMode]);
  expect(HostConfig.NetworkMode).toMatch(/^peercompute-default-[0-9a-f]{10}$/);
  const bindings = Object.entries((HostConfig.PortBindings ?? {}) as Record<string, { HostIp: string }[]>);
  expect(bindings.map(([port]) => port).sort()).toEqual(
    (spec.ports ?? [])
      .map(({ containerPort, protocol }) => `${containerPort}/${protocol.toLowerCase()}`)
      .sort(),
  );
  for (const [, hosts] of bindings) expect(hosts.map(({ HostIp }) => HostIp)).toEqual(['127.0.0.1']);
}

function capabilities({ securityContext }: Container): string[] {
  const { add = [], drop = [] } = securityContext?.capabilities ?? {};
  const kept = drop.includes('ALL') ? [] : BASELINE.filter((capability) => !drop.includes(capability));
  return [...new Set([...kept, ...add])].sort();
}

/** Of an image that says nothing about its user. */
function user({ securityContext: { runAsUser, runAsGroup } = {} }: Container): string {
  if (runAsGroup === undefined) return runAsUser === undefined ? '' : String(runAsUser);
  return `${runAsUser ?? 0}:${runAsGroup}`;
}

function names(list: unknown): string[] {
  return ((list ?? []) as string[]).map((name) => name.replace('CAP_', '')).sort();
}

/** Undefined for what means nothing: null, 0, '', false, [], {}. */
function emptied(value: unknown): unknown {
  if (typeof value === 'object' && value !== null) return Object.keys(value).length > 0 ? value : undefined;
  return value || undefined;
}
