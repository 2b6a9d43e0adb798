import type Docker from 'dockerode';
import { actualFloor, differences, expectedFloor, type HostConfig } from './floor.ts';

const ASKED: HostConfig = {
  Memory: 1,
  CapAdd: ['SETUID', 'CHOWN'],
  CapDrop: ['ALL'],
  SecurityOpt: ['no-new-privileges', `seccomp=${'x'.repeat(100)}`],
  RestartPolicy: { Name: 'no' },
  Ulimits: [{ Name: 'nofile', Soft: 1, Hard: 1 }],
  LogConfig: { Type: 'local', Config: { 'max-size': '10m' } },
  PortBindings: { '80/tcp': [{ HostIp: '127.0.0.1', HostPort: '' }] },
};

/** How an engine shows what was asked for, with `shown` in its own way. */
function changes(shown: HostConfig, state: object = {}, networks: object = { net: {} }): string[] {
  const masks = { MaskedPaths: ['/proc/kcore'], ReadonlyPaths: ['/proc/sys'] };
  const info = {
    State: { Paused: false, ...state },
    Config: { User: '' },
    HostConfig: { ...masks, ...ASKED, ...shown },
    NetworkSettings: { Networks: networks },
  };
  const expected = expectedFloor({
    User: '',
    HostConfig: ASKED,
    NetworkingConfig: { EndpointsConfig: { net: {} } },
  });
  return differences(expected, actualFloor(info as unknown as Docker.ContainerInspectInfo));
}

describe('the floor of a container', () => {
  it.each<[string, HostConfig]>([
    ['as it was asked for', {}],
    [
      'with its own signs for nothing',
      { Binds: undefined, Devices: [], CpuShares: 0, UsernsMode: '', Privileged: false },
    ],
    ['with capabilities in another form and order', { CapAdd: ['CAP_CHOWN', 'CAP_SETUID'] }],
    [
      'with the default limits of the engine added',
      { Ulimits: [...(ASKED.Ulimits ?? []), { Name: 'nproc', Soft: 9, Hard: 9 }] },
    ],
    [
      'with the default log options of the engine added',
      { LogConfig: { Type: 'local', Config: { 'max-size': '10m', compress: 'true' } } },
    ],
    [
      'with ports that the kernel chose',
      { PortBindings: { '80/tcp': [{ HostIp: '127.0.0.1', HostPort: '32768' }] } },
    ],
    ['without a restart policy', { RestartPolicy: { Name: '' } }],
  ])('is unchanged when the engine shows it %s', (_, shown) => {
    expect(changes(shown)).toEqual([]);
  });

  it.each<[string, HostConfig]>([
    ['Memory', { Memory: 2 }],
    ['Privileged', { Privileged: true }],
    ['Binds', { Binds: ['/:/host'] }],
    ['Devices', { Devices: [{ PathOnHost: '/dev/sda' }] }],
    ['CapAdd', { CapAdd: ['SETUID', 'CHOWN', 'SYS_ADMIN'] }],
    ['CapDrop', { CapDrop: [] }],
    ['SecurityOpt', { SecurityOpt: ['no-new-privileges', `seccomp=${'y'.repeat(100)}`] }],
    ['RestartPolicy', { RestartPolicy: { Name: 'always' } }],
    ['PortBindings', { PortBindings: { '80/tcp': [{ HostIp: '0.0.0.0', HostPort: '' }] } }],
    ['Ulimits', { Ulimits: [{ Name: 'nofile', Soft: 2, Hard: 2 }] }],
    ['CpusetCpus', { CpusetCpus: '0' }],
    ['unmasked', { MaskedPaths: [] }],
  ])('tells that %s changed', (member, shown) => {
    expect(changes(shown)).toEqual([member]);
  });

  it('tells of a pause and of other networks', () => {
    expect(changes({}, { Paused: true })).toEqual(['paused']);
    expect(changes({}, {}, {})).toEqual(['networks']);
    expect(changes({}, {}, { net: {}, bridge: {} })).toEqual(['networks']);
  });
});
