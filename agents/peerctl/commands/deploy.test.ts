import type { Store } from '../../../controllers/ports/store.ts';
import { ALICE, trustedPeer } from '../../../test/support/objects.ts';
import { CommandLine } from '../../../test/support/peerctl-command-line.ts';

const key = (name: string) => ({ kind: 'Deployment', namespace: 'default', name }) as const;

let machine: CommandLine;
let store: Store;
beforeEach(async () => {
  machine = new CommandLine();
  store = machine.store as Store;
  await store.apply(trustedPeer('alice', ALICE));
});
afterEach(() => machine.close());

describe('peerctl deploy', () => {
  it('writes the manifest, applies it and follows it', async () => {
    expect(await machine.run('deploy', 'nginx:alpine', '--peer', 'alice')).toMatchObject({
      code: 0,
      stdout: 'deployment/nginx created\n',
    });
    expect(machine.session.calls).toEqual(['deliver nginx']);
    expect((await store.get(key('nginx')))?.spec).toMatchObject({
      placement: { peers: ['alice'] },
      replicas: 1,
      template: { spec: { containers: [{ name: 'nginx', image: 'nginx:alpine' }] } },
    });
  });

  it('prints what a person would have written, with --dry-run -o yaml', async () => {
    const args = [
      'ghcr.io/alice/Web'.toLowerCase(),
      '--peer',
      'alice',
      '--peer',
      'bob',
      '--name',
      'shop',
      '--replicas',
      '2',
    ];
    const more = [
      '--cpu',
      '1',
      '--memory',
      '256M',
      '-e',
      'MODE=a=b',
      '--port',
      '80',
      '-p',
      '53/udp',
      '--dry-run',
      '-o',
      'yaml',
    ];
    expect((await machine.run('deploy', ...args, ...more, '--', '--flag', 'x')).stdout).toBe(
      [
        'apiVersion: peercompute.dev/v1alpha1',
        'kind: Deployment',
        'metadata:',
        '  name: shop',
        'spec:',
        '  placement:',
        '    peers:',
        '      - alice',
        '      - bob',
        '  replicas: 2',
        '  template:',
        '    spec:',
        '      containers:',
        '        - name: shop',
        '          image: ghcr.io/alice/web',
        '          args:',
        '            - --flag',
        '            - x',
        '          env:',
        '            - name: MODE',
        '              value: a=b',
        '          ports:',
        '            - containerPort: 80',
        '            - containerPort: 53',
        '              protocol: UDP',
        '          resources:',
        '            limits:',
        "              cpu: '1'",
        '              memory: 256M',
        '',
      ].join('\n'),
    );
    expect((await store.list('Deployment')).items).toEqual([]);
  });

  it('prints what apply takes, and what changes nothing when it does', async () => {
    const line = ['deploy', 'nginx:alpine', '--peer', 'alice', '--memory', '64Mi'];
    machine.stdin = (await machine.run(...line, '--dry-run', '-o', 'yaml')).stdout;
    await machine.run(...line);
    expect((await machine.run('apply', '-f', '-')).stdout).toBe('deployment/nginx unchanged\n');
  });

  it.each([
    ['nginx:alpine', 'nginx'],
    ['registry.local:5000/team/my_app.v2@sha256:'.concat('0'.repeat(64)), 'my-app-v2'],
  ])('names %s after its image: %s', async (image, name) => {
    const { stdout } = await machine.run(
      'deploy',
      image,
      '--peer',
      'alice',
      '--dry-run',
      '-o',
      'jsonpath={.metadata.name}',
    );
    expect(stdout).toBe(name);
  });

  it.each([
    [['nginx'], 'say where it is to run: --peer NAME'],
    [['nginx', '--peer', 'alcie'], 'there is no TrustedPeer "alcie"'],
    [['NGINX', '--peer', 'alice'], 'is not an image reference'],
    [['nginx', '--peer', 'alice', '--memory', '1'], 'memory must be at least 6Mi'],
    [['nginx', '--peer', 'alice', '--cpu', '-1'], 'is not a quantity'],
    [['nginx', '--peer', 'alice', '--cpu', 'NaN'], 'is not a quantity'],
    [['nginx', '--peer', 'alice', '--env', 'NOVALUE'], 'flag --env must be NAME=VALUE'],
    [['nginx', '--peer', 'alice', '--port', '0'], 'must be between 1 and 65535'],
    [['nginx', '--peer', 'alice', '--port', '80/sctp'], 'flag --port must be a port'],
    [['nginx', '--peer', 'alice', '--name', 'Web_1'], 'must be lower-case letters'],
    [['nginx', 'redis', '--peer', 'alice'], 'unexpected argument "redis"'],
  ])('refuses %j', async (args, message) => {
    expect(await machine.run('deploy', ...args)).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringContaining(message),
    });
    expect((await store.list('Deployment')).items).toEqual([]);
    expect(machine.session.calls).toEqual([]);
  });

  it('does not repeat the value of a variable in a message', async () => {
    const { stderr } = await machine.run('deploy', 'nginx', '--peer', 'alice', '--env', '=hunter2');
    expect(stderr).not.toContain('hunter2');
  });
});
