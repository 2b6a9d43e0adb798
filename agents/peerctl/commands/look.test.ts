import type { Store } from '../../../controllers/ports/store.ts';
import { eventually } from '../../../test/support/eventually.ts';
import { ALICE, deployment, trustedPeer } from '../../../test/support/objects.ts';
import { CommandLine } from '../../../test/support/peerctl-command-line.ts';
import { readyStatus } from '../../../test/support/peerctl-statuses.ts';
import { happening } from '../../../test/support/store-objects.ts';

const WEB = { kind: 'Deployment', namespace: 'default', name: 'web' } as const;

/** The same every time, so that its id can be written into a test. */
const UID = '00000000-0000-4000-8000-000000000001';

let machine: CommandLine;
let store: Store;
beforeEach(async () => {
  machine = new CommandLine();
  store = machine.store as Store;
  const env = {
    template: {
      spec: { containers: [{ name: 'web', image: 'nginx', env: [{ name: 'TOKEN', value: 'hunter2' }] }] },
    },
  };
  const { object } = await store.apply(deployment('web', env, { labels: { app: 'shop' }, uid: UID }));
  await store.patchStatus(WEB, readyStatus(object));
  await store.apply(trustedPeer('alice', ALICE, { grants: { deploy: {} } }));
  await event('web.1', object.metadata.uid, 3, '2030-01-01T00:00:00Z');
  await event('other.1', 'another-uid', 1, '2029-12-31T23:59:00Z');
  await machine.clock.advance(60_000);
});
afterEach(() => machine.close());

async function event(name: string, uid: string, count: number, time: string) {
  const { spec, ...rest } = happening(name, count);
  const regarding = { kind: 'Deployment', namespace: 'default', name: name.split('.')[0] ?? '', uid };
  await store.apply({
    ...rest,
    spec: { ...spec, regarding, firstTimestamp: '2029-12-31T23:50:00Z', lastTimestamp: time },
  });
}

describe('peerctl describe', () => {
  it('shows everything but the values of variables, events last', async () => {
    expect((await machine.run('describe', 'web')).stdout).toBe(
      [
        'Kind:           Deployment',
        'Name:           web',
        'Namespace:      default',
        'Labels:         app=shop',
        'Annotations:    <none>',
        'Created:        2030-01-01T00:00:00.000Z (60s ago)',
        'ID:             dep-11e594f481',
        'Generation:     1 (status is about 1)',
        'Source:         <none>',
        'Status:         Ready',
        'URL:            <none>',
        'State:          Running',
        'Replicas:       1 desired, 1 exist, 1 updated, 1 ready, 1 available',
        'Strategy:       RollingUpdate, max surge 1, max unavailable 0',
        'Container:      web',
        '  Image:        nginx',
        '  Ports:        <none>',
        '  Limits:       cpu 500m, memory 256Mi',
        '  Environment:  TOKEN',
        'Peers:',
        '  NAME    READY   DELIVERED   OBSERVED   LAST CONTACT',
        '  alice   1/1     1           1          60s ago',
        'Containers:',
        '  NAME    PEER    STATE     READY   RESTARTS   STARTED   REASON   MESSAGE',
        '  web-0   alice   Running   yes     0          60s ago',
        'Conditions:',
        '  TYPE       STATUS   REASON      SINCE   MESSAGE',
        '  Admitted   True     Accepted    60s     a message',
        '  Ready      True     Ready       60s     every replica is ready',
        '  Synced     True     Delivered   60s     a message',
        'Events:',
        '  LAST SEEN           TYPE     REASON    MESSAGE',
        '  60s (x3 over 11m)   Normal   Started   started',
        '',
      ].join('\n'),
    );
  });

  it('shows what a peer may do here', async () => {
    const { stdout } = await machine.run('describe', 'peer/alice');
    expect(stdout).toContain(
      'It may here:   deploy: 10 deployments, 20 replicas, cpu 1, memory 1Gi, images *\n',
    );
    expect(stdout).toContain(`Peer ID:       ${ALICE}\n`);
  });
});

describe('peerctl events', () => {
  it('lists all of a namespace, newest last', async () => {
    expect((await machine.run('events')).stdout).toBe(
      [
        'LAST SEEN           TYPE     REASON    OBJECT             MESSAGE',
        '2m                  Normal   Started   deployment/other   started',
        '60s (x3 over 11m)   Normal   Started   deployment/web     started',
        '',
      ].join('\n'),
    );
  });

  it('lists those about one object', async () => {
    const { stdout } = await machine.run('events', 'web', '-o', 'name');
    expect(stdout).toBe('event/web.1\n');
  });

  it('watches those about one object', async () => {
    const running = machine.start('events', 'web', '-w');
    await eventually(() => expect(running.stdout).toContain('deployment/web'));
    await event('web.2', (await store.get(WEB))?.metadata.uid ?? '', 1, '2030-01-01T00:01:00Z');
    await event('other.2', 'another-uid', 1, '2030-01-01T00:01:00Z');
    await eventually(() => expect(running.stdout.split('\n')).toHaveLength(4));
    running.interrupt();
    expect(await running.done).toMatchObject({ code: 0 });
    expect(running.stdout).not.toContain('other');
  });

  it('says when there are none', async () => {
    expect(await machine.run('events', '-n', 'empty')).toEqual({
      code: 0,
      stdout: '',
      stderr: 'No events found.\n',
    });
  });
});

describe('peerctl explain', () => {
  it('says what a field means', async () => {
    expect((await machine.run('explain', 'deploy.spec.replicas')).stdout).toBe(
      [
        'KIND:     Deployment',
        'VERSION:  peercompute.dev/v1alpha1',
        '',
        'FIELD:    replicas <integer> (default 1)',
        '',
        'DESCRIPTION:',
        '  How many copies run, over all peers.',
        '  At least 0; at most 1000.',
        '',
      ].join('\n'),
    );
  });

  it.each([
    ['deployment', 'spec <object> -required-'],
    ['deploy.spec.strategy.type', 'One of RollingUpdate, Recreate.'],
    ['deploy.spec.template.spec.containers[].resources.limits', 'cpu <string | number> (default "500m")'],
    ['deploy.spec.template.spec.containers.env', 'FIELD:    env <[]object>'],
    ['peer.status', 'lastSeen <string>'],
  ])('finds %s', async (path, text) => {
    expect((await machine.run('explain', path)).stdout).toContain(text);
  });

  it('shows all that is below', async () => {
    const { stdout } = await machine.run('explain', 'peer.spec', '--recursive');
    expect(stdout).toContain(
      '  grants <object> (default {})\n    deploy <object>\n      maxDeployments <integer> (default 10)\n',
    );
  });

  it.each([
    ['depolyment', 2, 'there is no kind "depolyment"; did you mean deployment?'],
    ['deployment.spec.replicsa', 1, 'spec has no field "replicsa"; did you mean replicas?'],
    ['deployment.spec.replicas.x', 1, 'replicas has no field "x"; it has no fields'],
  ])('helps with %s', async (path, code, message) => {
    expect(await machine.run('explain', path)).toMatchObject({
      code,
      stderr: expect.stringContaining(message),
    });
  });
});

describe('peerctl version', () => {
  it('tells its own and those of the peers', async () => {
    await store.patchStatus(
      { kind: 'TrustedPeer', name: 'alice' },
      { agentVersion: '0.1.0', platform: 'linux/amd64' },
    );
    expect((await machine.run('version')).stdout).toMatch(
      /^peerctl \d+\.\d+\.\d+ \(peercompute.dev\/v1alpha1, Node .*\)\nPEER {4}VERSION {3}PLATFORM\nalice {3}0.1.0 {5}linux\/amd64\n$/,
    );
    expect(JSON.parse((await machine.run('version', '-o', 'json')).stdout)).toMatchObject({
      peers: [{ name: 'alice', version: '0.1.0', platform: 'linux/amd64' }],
    });
  });

  it('needs no state directory', async () => {
    machine.store = undefined;
    expect(await machine.run('version')).toMatchObject({ code: 0 });
  });
});

describe('peerctl logs', () => {
  const line = {
    container: 'web-0',
    stream: 'stdout',
    timestamp: '2030-01-01T00:00:00.000000000Z',
    text: 'hello \x1b[31mred',
  } as const;

  it('asks for what the flags say', async () => {
    await machine.run('logs', 'web', '-f', '--tail', '5', '--since', '10s', '--previous', '--all-replicas');
    expect(JSON.parse(machine.session.calls[0]?.slice('logs '.length) ?? '')).toEqual({
      key: WEB,
      all: true,
      follow: true,
      previous: true,
      tail: 5,
      since: Date.parse('2030-01-01T00:00:50Z'),
    });
  });

  it('prints lines as they are into a pipe, and made visible on a terminal', async () => {
    machine.session.logLines = [line];
    expect((await machine.run('logs', 'web')).stdout).toBe('hello \x1b[31mred\n');
    machine.isTerminal = true;
    expect((await machine.run('logs', 'web', 'web-0', '--timestamps')).stdout).toBe(
      `${line.timestamp} hello \\e[31mred\n`,
    );
  });

  it('says of each line whose it is, where there are several', async () => {
    machine.session.logLines = [line, { ...line, container: 'web-1\n', text: 'x' }];
    expect((await machine.run('logs', 'web', '--all-replicas')).stdout).toBe(
      'web-0 hello \x1b[31mred\nweb-1\\n x\n',
    );
  });

  it.each([
    [['nope'], 1],
    [['web', 'web-0', '--all-replicas'], 2],
    [['deploy', '--tail', 'x'], 2],
  ])('refuses %j', async (args, code) => {
    expect(await machine.run('logs', ...args)).toMatchObject({ code });
  });
});
