import type Docker from 'dockerode';
import { ALICE, BOB } from '../../../../test/support/objects.ts';
import { interpret } from './inspect.ts';
import { encodeIdentity } from './labels.ts';
import { containerName } from './names.ts';

const WEB = {
  owner: '',
  uid: '7b0c3c52-7a0f-4a53-9c5e-0c6f0c1f3b11',
  namespace: 'default',
  deployment: 'web',
  ordinal: 0,
  templateHash: '0123456789abcdef',
  attempt: 0,
  backoffLevel: 0,
};
const NEVER = '0001-01-01T00:00:00Z';
const T0 = Date.parse('2026-01-01T00:00:00Z');
const at = (milliseconds: number) => new Date(T0 + milliseconds).toISOString().replace('Z', '999999Z');

interface Shown {
  state?: object;
  labels?: Record<string, string>;
  image?: string;
  ports?: object;
}

function info({ state, labels, image = 'sha256:1', ports = {} }: Shown): Docker.ContainerInspectInfo {
  return {
    Id: 'f00d',
    Name: `/${containerName(ALICE, WEB)}`,
    Created: at(0),
    Image: 'sha256:1',
    State: {
      Status: 'running',
      Running: true,
      Paused: false,
      OOMKilled: false,
      ExitCode: 0,
      Error: '',
      StartedAt: at(1_000),
      FinishedAt: NEVER,
      ...state,
    },
    Config: {
      Image: image,
      User: '',
      Labels: {
        ...encodeIdentity(ALICE, WEB),
        'peercompute.dev/image-id': 'sha256:1',
        'peercompute.dev/floor': '{}',
        ...labels,
      },
    },
    HostConfig: { MaskedPaths: ['/proc/kcore'], ReadonlyPaths: ['/proc/sys'] },
    NetworkSettings: { Ports: ports, Networks: {} },
  } as unknown as Docker.ContainerInspectInfo;
}

const container = (shown: Shown = {}) => interpret(ALICE, info(shown))?.container;

describe('what inspect says', () => {
  const ended = { Status: 'exited', Running: false, StartedAt: at(1_000), FinishedAt: at(9_000) };
  const unstarted = { Status: 'created', Running: false, StartedAt: NEVER, FinishedAt: NEVER };

  it.each([
    ['running', {}, { state: 'Running', startedAt: T0 + 1_000 }],
    ['paused', { Status: 'paused', Paused: true }, { state: 'Running', drifted: true }],
    ['never started', unstarted, { state: 'Created' }],
    ['ended', { ...ended, ExitCode: 3 }, { state: 'Exited', exitCode: 3, finishedAt: T0 + 9_000 }],
    ['ended before it was noticed', { ...ended, FinishedAt: at(999) }, { finishedAt: T0 + 1_000 }],
    ['being removed', { ...ended, Status: 'removing' }, { state: 'Exited', exitCode: 0 }],
    [
      'killed for its memory',
      { ...ended, ExitCode: 137, OOMKilled: true },
      { state: 'Exited', oomKilled: true },
    ],
    [
      'without anything to execute, as the engine says',
      { ...unstarted, ExitCode: 127, Error: 'no such file' },
      { state: 'Exited', exitCode: 127, error: 'no such file', finishedAt: T0 },
    ],
    [
      'without anything to execute, as the init process says',
      { ...ended, FinishedAt: at(1_200), ExitCode: 127 },
      { state: 'Exited', error: expect.stringContaining('not found') },
    ],
    [
      'with something that may not be executed',
      { ...ended, FinishedAt: at(1_200), ExitCode: 126 },
      { state: 'Exited', error: expect.stringContaining('not executable') },
    ],
  ])('of a container that is %s', (_, state, expected) => {
    expect(container({ state })).toMatchObject({ ...WEB, ...expected });
  });

  it('keeps apart a late exit code 127 from a command that was never found', () => {
    expect(container({ state: { ...ended, ExitCode: 127 } })?.error).toBeUndefined();
  });

  it('leaves out what is not so', () => {
    expect(Object.keys(container() ?? {})).not.toEqual(expect.arrayContaining(['exitCode']));
    expect(container({ state: unstarted })).not.toHaveProperty('startedAt');
  });

  it('shows the ports on 127.0.0.1 only', () => {
    const ports = {
      '80/tcp': [
        { HostIp: '0.0.0.0', HostPort: '80' },
        { HostIp: '127.0.0.1', HostPort: '32768' },
      ],
      '53/udp': [{ HostIp: '127.0.0.1', HostPort: '32769' }],
      '81/tcp': null,
    };
    expect(container({ ports })?.ports).toEqual([
      { containerPort: 80, protocol: 'TCP', hostPort: 32768 },
      { containerPort: 53, protocol: 'UDP', hostPort: 32769 },
    ]);
  });

  it('is nothing to us for a container of another agent, or made of another image', () => {
    expect(interpret(BOB, info({}))).toBeUndefined();
    expect(container({ image: 'copy:latest' })).toBeUndefined();
  });

  it('is drift where the label of the floor cannot be read', () => {
    expect(container({ labels: { 'peercompute.dev/floor': '{' } })?.drifted).toBe(true);
  });

  it('knows the ports by name', () => {
    const named = interpret(ALICE, info({ labels: { 'peercompute.dev/port-names': 'http=80,admin=81' } }));
    expect([...(named?.portNames ?? [])]).toEqual([
      ['http', 80],
      ['admin', 81],
    ]);
  });
});
