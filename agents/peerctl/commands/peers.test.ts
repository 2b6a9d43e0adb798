import { StatusError } from '../../../api/meta/status-error.ts';
import type { Store } from '../../../controllers/ports/store.ts';
import { ALICE, BOB, deployment, trustedPeer } from '../../../test/support/objects.ts';
import { CommandLine } from '../../../test/support/peerctl-command-line.ts';

const key = (name: string) => ({ kind: 'TrustedPeer', name }) as const;

let machine: CommandLine;
let store: Store;
beforeEach(() => {
  machine = new CommandLine();
  store = machine.store as Store;
});
afterEach(() => machine.close());

describe('peerctl peers add', () => {
  it('trusts a peer to nothing unless more is said', async () => {
    expect(
      await machine.run('peers', 'add', ALICE, '--name', 'alice', '--addr', '/ip4/10.0.0.1/tcp/9000'),
    ).toEqual({
      code: 0,
      stdout: 'trustedpeer/alice created\n',
      stderr: 'It may do nothing here; --allow deploy,logs grants more.\n',
    });
    expect((await store.get(key('alice')))?.spec).toEqual({
      peerID: ALICE,
      addresses: ['/ip4/10.0.0.1/tcp/9000'],
      grants: { logs: false, relay: false },
    });
  });

  it('grants what is said, within bounds, and says so', async () => {
    const bounds = ['--cpu', '4', '--memory', '4Gi', '--max-replicas', '5', '--image', 'docker.io/library/*'];
    const { stderr } = await machine.run(
      'peers',
      'add',
      ALICE,
      '--allow',
      'deploy,logs',
      ...bounds,
      '--expires',
      '2031-01-01T00:00:00Z',
    );
    expect(stderr).toBe(
      'It may here: deploy: 10 deployments, 5 replicas, cpu 4, memory 4Gi, images docker.io/library/*; read the logs of its containers\n',
    );
    expect(
      (await store.get(key('peer-x6nxtn'.replace('x6nxtn', ALICE.slice(-6).toLowerCase()))))?.spec,
    ).toMatchObject({
      expiresAt: '2031-01-01T00:00:00Z',
      grants: {
        logs: true,
        deploy: { maxDeployments: 10, maxReplicas: 5, resources: { cpu: '4', memory: '4Gi' } },
      },
    });
  });

  it('changes what is said of a peer that is trusted already, and nothing else', async () => {
    await machine.run('peers', 'add', ALICE, '--name', 'alice', '--allow', 'deploy', '--cpu', '4');
    expect((await machine.run('peers', 'add', ALICE, '--memory', '2Gi')).stdout).toBe(
      'trustedpeer/alice configured\n',
    );
    expect((await store.get(key('alice')))?.spec.grants).toMatchObject({
      deploy: { resources: { cpu: '4', memory: '2Gi' } },
    });
    expect((await machine.run('peers', 'add', ALICE)).stdout).toBe('trustedpeer/alice unchanged\n');
  });

  it.each([
    [['not-an-id'], 2, 'is not a peer ID'],
    [[ALICE, '--allow', 'exec'], 2, 'flag --allow knows deploy, logs, expose, relay, not "exec"'],
    [[ALICE, '--cpu', '4'], 2, 'bounds for deployments need --allow deploy'],
    [[ALICE, '--addr', '10.0.0.1:9000'], 2, 'spec.addresses[0]: must be a multiaddr'],
    [[ALICE, '--allow', 'deploy', '--memory', '1'], 2, 'memory must be at least 6Mi'],
    [[ALICE, '--expires', 'soon'], 2, 'spec.expiresAt: must be an RFC 3339 time'],
    [[ALICE, '--name', 'taken'], 1, '"taken" is another peer already'],
    [[BOB, '--name', 'other'], 1, 'this peer is trusted already, as "taken"'],
  ])('refuses %j', async (args, code, message) => {
    await store.apply(trustedPeer('taken', BOB));
    expect(await machine.run('peers', 'add', ...args)).toMatchObject({
      code,
      stdout: '',
      stderr: expect.stringContaining(message),
    });
    expect((await store.list('TrustedPeer')).items).toHaveLength(1);
  });
});

describe('peerctl peers remove', () => {
  it('ends the trust, and warns of what is placed there', async () => {
    await store.apply(trustedPeer('alice', ALICE));
    await store.apply(deployment('web'));
    expect(await machine.run('peers', 'remove', 'alice')).toMatchObject({
      code: 0,
      stdout: 'trustedpeer/alice removed\n',
      stderr: expect.stringContaining('warning: deployment/web is placed on a peer that is trusted no more'),
    });
    expect(await machine.run('peers', 'remove', 'alice')).toMatchObject({ code: 1 });
  });
});

describe('peerctl peers list', () => {
  it('is get trustedpeers', async () => {
    await store.apply(trustedPeer('alice', ALICE));
    expect((await machine.run('peers', 'list')).stdout).toBe((await machine.run('get', 'peers')).stdout);
    expect((await machine.run('peers', 'list', '-o', 'name')).stdout).toBe('trustedpeer/alice\n');
  });
});

describe('peerctl peers ping', () => {
  beforeEach(async () => {
    await store.apply(trustedPeer('alice', ALICE));
    await store.apply(trustedPeer('bob', BOB));
  });

  it('measures the way to all, or to those named', async () => {
    expect((await machine.run('peers', 'ping')).stdout).toBe(
      'alice: 8.0 ms over /ip4/127.0.0.1/tcp/9000\nbob: 8.0 ms over /ip4/127.0.0.1/tcp/9000\n',
    );
    await machine.run('peers', 'ping', 'bob', '--count', '2');
    expect(machine.session.calls).toEqual(['ping alice', 'ping bob', 'ping bob', 'ping bob']);
  });

  it('says of each which is not there, and ends with its code', async () => {
    machine.session.ping = async (name) => {
      if (name === 'alice')
        throw new StatusError('ServiceUnavailable', 'no address answered', { cause: 'PeerUnreachable' });
      return { milliseconds: 1, address: '/x' };
    };
    expect(await machine.run('peers', 'ping')).toEqual({
      code: 5,
      stdout: 'bob: 1.0 ms over /x\n',
      stderr: 'error: alice: no address answered\n',
    });
  });

  it('does not wait for ever', async () => {
    machine.session.ping = (_, signal) =>
      new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('aborted'))));
    const running = machine.start('peers', 'ping', 'alice');
    for (let turn = 0; turn < 20; turn++) await machine.clock.settle();
    await machine.clock.advance(10_000);
    expect(await running.done).toMatchObject({ code: 5, stderr: 'error: alice: no answer in time\n' });
  });
});
