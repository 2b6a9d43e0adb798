import { container } from '../../../../api/v1alpha1/container.ts';
import type { RunRequest } from '../../../../controllers/ports/runtime.ts';
import { ALICE } from '../../../../test/support/objects.ts';
import { type Surroundings, translate } from './translate.ts';

const SURROUNDINGS: Surroundings = { agentID: ALICE, cpus: 2, image: { user: '', name: 'web@sha256:1' } };

function translated(spec: object, surroundings: Partial<Surroundings> = {}) {
  const request: RunRequest = {
    owner: '',
    uid: '7b0c3c52-7a0f-4a53-9c5e-0c6f0c1f3b11',
    namespace: 'default',
    deployment: 'web',
    ordinal: 0,
    templateHash: '0123456789abcdef',
    attempt: 0,
    backoffLevel: 0,
    container: container.parse({ name: 'main', image: 'web', ...spec }),
    terminationGracePeriodSeconds: 7,
    imageID: `sha256:${'0'.repeat(64)}`,
  };
  return translate(request, { ...SURROUNDINGS, ...surroundings });
}

describe('translate', () => {
  it('runs the image that was resolved, under its name', () => {
    expect(translated({})).toMatchObject({
      Image: `sha256:${'0'.repeat(64)}`,
      name: expect.stringMatching(/^web-0-01234567-0-/),
      Hostname: 'web-0',
      StopTimeout: 7,
    });
  });

  it('takes command for the entrypoint and args for the command, and empty ones for absent', () => {
    expect(translated({ command: ['a'], args: ['b'] })).toMatchObject({ Entrypoint: ['a'], Cmd: ['b'] });
    const absent = translated({ command: [], args: [], workingDir: '' });
    expect([absent.Entrypoint, absent.Cmd, absent.WorkingDir]).toEqual([undefined, undefined, undefined]);
  });

  it('passes env literally', () => {
    const env = [{ name: 'A', value: 'b=c $(D)' }, { name: 'E' }];
    expect(translated({ env }).Env).toEqual(['A=b=c $(D)', 'E=']);
  });

  it.each([
    ['500m', 500_000_000],
    ['1m', 10_000_000],
    ['2', 2_000_000_000],
    ['64', 2_000_000_000],
  ])('gives for cpu %s %i billionths of a core, within what Docker accepts', (cpu, expected) => {
    expect(translated({ resources: { limits: { cpu } } }).HostConfig?.NanoCpus).toBe(expected);
  });

  it('limits memory and swap to the same', () => {
    const host = translated({ resources: { limits: { memory: '10Mi' } } }).HostConfig;
    expect([host?.Memory, host?.MemorySwap]).toEqual([10_485_760, 10_485_760]);
  });

  it('publishes on 127.0.0.1 only', () => {
    const ports = [{ containerPort: 80 }, { containerPort: 53, protocol: 'UDP' }];
    const options = translated({ ports });
    const binding = [{ HostIp: '127.0.0.1', HostPort: '' }];
    expect(options.HostConfig?.PortBindings).toEqual({ '80/tcp': binding, '53/udp': binding });
    expect(options.ExposedPorts).toEqual({ '80/tcp': {}, '53/udp': {} });
  });

  it('gives a read-only root a /tmp of half the memory', () => {
    const spec = {
      resources: { limits: { memory: '10Mi' } },
      securityContext: { readOnlyRootFilesystem: true },
    };
    expect(translated(spec).HostConfig).toMatchObject({
      ReadonlyRootfs: true,
      Tmpfs: { '/tmp': 'rw,nosuid,nodev,noexec,mode=1777,size=5242880' },
    });
    expect(translated({}).HostConfig?.Tmpfs).toBeUndefined();
  });

  it('joins the network of its owner and namespace under the name of the Deployment', () => {
    const options = translated({});
    const network = options.HostConfig?.NetworkMode ?? '';
    expect(options.NetworkingConfig).toEqual({ EndpointsConfig: { [network]: { Aliases: ['web'] } } });
  });

  it('puts the guests below their common cgroup', () => {
    expect(translated({}, { cgroupParent: '/guests' }).HostConfig?.CgroupParent).toBe('/guests');
  });

  it('keeps env out of the labels', () => {
    const { Labels } = translated({ env: [{ name: 'PASSWORD', value: 'secret' }] });
    expect(JSON.stringify(Labels)).not.toMatch(/PASSWORD|secret/);
  });

  it('overrides every label that an image could bring to pass for ours', () => {
    expect(Object.keys(translated({}).Labels ?? {}).sort()).toEqual([
      'peercompute.dev/agent',
      'peercompute.dev/attempt',
      'peercompute.dev/backoff-level',
      'peercompute.dev/deployment',
      'peercompute.dev/floor',
      'peercompute.dev/image',
      'peercompute.dev/image-id',
      'peercompute.dev/namespace',
      'peercompute.dev/ordinal',
      'peercompute.dev/owner',
      'peercompute.dev/port-names',
      'peercompute.dev/template-hash',
      'peercompute.dev/uid',
    ]);
  });
});
