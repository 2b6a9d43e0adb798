import type { Store } from '../../../controllers/ports/store.ts';
import { ALICE, BOB, trustedPeer } from '../../../test/support/objects.ts';
import { CommandLine } from '../../../test/support/peerctl-command-line.ts';
import { putDeployment, uidOf } from '../../../test/support/peerctl-deployments.ts';

let machine: CommandLine;
let store: Store;
beforeEach(async () => {
  machine = new CommandLine();
  store = machine.store as Store;
});
afterEach(() => machine.close());

describe('peerctl get', () => {
  beforeEach(async () => {
    await putDeployment(store, 'web', {
      spec: { replicas: 2, placement: { peers: ['alice', 'bob'] } },
      metadata: { labels: { app: 'shop' } },
    });
    await putDeployment(store, 'db', { state: 'crashing' });
    await putDeployment(store, 'old', { metadata: { namespace: 'prod' }, state: 'new' });
    await store.apply(trustedPeer('alice', ALICE, { grants: { deploy: {}, logs: true } }));
    await machine.clock.advance(200_000);
  });

  it('lists the Deployments of a namespace', async () => {
    expect(await machine.run('get', 'deployments')).toEqual({
      code: 0,
      stdout: [
        'NAME   READY   UP-TO-DATE   PEERS       URL      STATUS      AGE',
        'db     0/1     0            alice       <none>   CrashLoop   3m20s',
        'web    2/2     2            alice,bob   <none>   Ready       3m20s',
        '',
      ].join('\n'),
      stderr: '',
    });
  });

  it('shows more with -o wide', async () => {
    const { stdout } = await machine.run('get', 'deploy', 'web', '-o', 'wide', '--no-headers');
    expect(stdout.trim().split(/ {3,}/)).toEqual([
      'web',
      '2/2',
      '2',
      'alice,bob',
      '<none>',
      'Ready',
      '0',
      'peercompute.local/web:1',
      expect.stringMatching(/^dep-[0-9a-f]{10}$/),
      '3m20s',
    ]);
  });

  it('lists every namespace with -A, and every kind with all', async () => {
    expect((await machine.run('get', 'all', '-A')).stdout).toBe(
      [
        'NAMESPACE   NAME             READY   UP-TO-DATE   PEERS       URL      STATUS      AGE',
        'default     deployment/db    0/1     0            alice       <none>   CrashLoop   3m20s',
        'default     deployment/web   2/2     2            alice,bob   <none>   Ready       3m20s',
        'prod        deployment/old   0/1     0            alice       <none>   Pending     3m20s',
        '',
        'NAME                PEER-ID           MAY           STATUS    LAST-SEEN   AGE',
        'trustedpeer/alice   12D3KooWDpJ7...   deploy,logs   Unknown   <never>     3m20s',
        '',
      ].join('\n'),
    );
  });

  it('finds one by its bare name, by KIND/NAME and by its id', async () => {
    const [id = ''] = (await machine.run('get', 'web', '-o', 'wide')).stdout.match(/dep-\w+/) ?? [];
    for (const words of [['web'], ['deployment/web'], ['deploy', 'web'], [id], [id, '-A']])
      expect((await machine.run('get', ...words, '-o', 'name')).stdout).toBe('deployment/web\n');
  });

  it('selects by labels', async () => {
    expect((await machine.run('get', 'deploy', '-l', 'app in (shop,x)', '-o', 'name')).stdout).toBe(
      'deployment/web\n',
    );
    expect((await machine.run('get', 'deploy', '-l', '!app', '-o', 'name')).stdout).toBe('deployment/db\n');
    expect(await machine.run('get', 'deploy', '-l', 'app==!')).toMatchObject({ code: 2 });
  });

  it('prints one object as it is, and several as a List, without what only machines read', async () => {
    const one = JSON.parse((await machine.run('get', 'web', '-o', 'json')).stdout);
    expect(one).toMatchObject({
      kind: 'Deployment',
      metadata: { name: 'web' },
      status: { readyReplicas: 2 },
    });
    expect(one.metadata).not.toHaveProperty('lastApplied');
    const list = JSON.parse((await machine.run('get', 'deploy', '-o', 'json')).stdout);
    expect(list).toMatchObject({
      kind: 'List',
      items: [{ metadata: { name: 'db' } }, { metadata: { name: 'web' } }],
    });
    expect((await machine.run('get', 'web', '-o', 'yaml')).stdout).toMatch(
      /^apiVersion: peercompute.dev\/v1alpha1\nkind: Deployment\nmetadata:\n {2}name: web\n/,
    );
  });

  it('prints what a template asks for', async () => {
    expect((await machine.run('get', 'deploy', '-o', 'jsonpath={.items[*].metadata.name}')).stdout).toBe(
      'db web',
    );
    expect((await machine.run('get', 'web', '-o', 'jsonpath={.spec.replicas}')).stdout).toBe('2');
    expect(
      (await machine.run('get', 'deploy', '-o', 'custom-columns=NAME:.metadata.name,N:.spec.replicas,X:.x'))
        .stdout,
    ).toBe('NAME   N   X\ndb     1   <none>\nweb    2   <none>\n');
  });

  it('sorts', async () => {
    const names = async (path: string) =>
      (await machine.run('get', 'deploy', '--sort-by', path, '-o', 'jsonpath={.items[*].metadata.name}'))
        .stdout;
    expect(await names('.spec.replicas')).toBe('db web');
    expect(await names('{.metadata.labels.app}')).toBe('db web');
    expect(await names('.status.conditions[0].type')).toBe('web db');
  });

  it('prints those it finds, and fails for the others', async () => {
    expect(await machine.run('get', 'deploy', 'web', 'nope', '-o', 'name')).toEqual({
      code: 1,
      stdout: 'deployment/web\n',
      stderr: 'error: deployment "nope" not found in namespace default\n',
    });
  });

  it.each([
    [['get', 'webb'], 'error: deployment "webb" not found in namespace default; did you mean web?\n'],
    [
      ['get', 'old'],
      'error: deployment "old" not found in namespace default; there is one in namespace prod: add -n prod\n',
    ],
    [
      ['get', 'deplyoments'],
      'error: deployment "deplyoments" not found in namespace default; did you mean the kind deployments?\n',
    ],
    [['get', 'peer/bob'], 'error: trustedpeer "bob" not found\n'],
  ])('helps with %j', async (args, stderr) => {
    expect(await machine.run(...args)).toEqual({ code: 1, stdout: '', stderr });
  });

  it.each([
    [['get'], 'get needs KIND'],
    [['get', 'pod/web'], 'there is no kind "pod"'],
    [['get', 'deploy/web/x'], '"deploy/web/x" is not KIND/NAME'],
    [['get', 'deploy', '-o', 'yml'], 'unknown output format "yml"; did you mean yaml?'],
    [['get', 'deploy', '-o', 'jsonpath'], '-o jsonpath needs a value'],
    [['get', 'deploy', '-o', 'yaml=x'], '-o yaml takes no value'],
    [['get', 'deploy', 'web', '-l', 'a=b'], 'name objects or select them by label, not both'],
  ])('refuses %j as a mistake of usage', async (args, message) => {
    const { code, stdout, stderr } = await machine.run(...args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(message);
  });
});

describe('peerctl get of nothing', () => {
  it.each([
    [['deploy'], 'No resources found in default namespace.\n'],
    [['deploy', '-n', 'prod'], 'No resources found in prod namespace.\n'],
    [['deploy', '-A'], 'No resources found.\n'],
    [['peers'], 'No resources found.\n'],
  ])('says so on stderr: %j', async (args, stderr) => {
    expect(await machine.run('get', ...args)).toEqual({ code: 0, stdout: '', stderr });
  });

  it('prints an empty List where data is asked for', async () => {
    expect(JSON.parse((await machine.run('get', 'deploy', '-o', 'json')).stdout)).toMatchObject({
      items: [],
    });
  });
});

describe('peerctl get on a provider', () => {
  beforeEach(async () => {
    await store.apply(trustedPeer('bob', BOB));
    await putDeployment(store, 'web', { metadata: { owner: BOB } });
    await putDeployment(store, 'web', { metadata: { owner: ALICE, uid: uidOf('web2') } });
  });

  it("says whose the guests' Deployments are", async () => {
    expect((await machine.run('get', 'deploy')).stdout).toBe(
      [
        'OWNER             NAME   READY   UP-TO-DATE   PEERS   URL      STATUS   AGE',
        '12D3KooWDpJ7...   web    1/1     1            alice   <none>   Ready    0s',
        'bob               web    1/1     1            alice   <none>   Ready    0s',
        '',
      ].join('\n'),
    );
  });

  it('does not guess which of two owners is meant', async () => {
    expect(await machine.run('get', 'web')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('exists more than once'),
    });
  });
});
