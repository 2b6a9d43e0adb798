import type { Deployment } from '../../../api/v1alpha1/types.ts';
import type { Store } from '../../../controllers/ports/store.ts';
import { eventually } from '../../../test/support/eventually.ts';
import { ALICE, BOB, deployment, trustedPeer } from '../../../test/support/objects.ts';
import { visible } from '../printers/escape.ts';
import { CommandLine } from '../testing/command-line.ts';
import { condition, failedStatus, readyStatus } from '../testing/statuses.ts';

let machine: CommandLine;
let store: Store;
beforeEach(async () => {
  machine = new CommandLine();
  store = machine.store as Store;
});
afterEach(() => machine.close());

/** Puts a Deployment into the store, with the status that its peers would give it. */
async function put(name: string, spec = {}, metadata = {}, state: 'new' | 'ready' | 'crashing' = 'ready') {
  const { object } = await store.apply(deployment(name, spec, { uid: uidOf(name), ...metadata }));
  const key = {
    kind: 'Deployment',
    name,
    namespace: object.metadata.namespace ?? '',
    owner: object.metadata.owner,
  } as const;
  if (state === 'ready') await store.patchStatus(key, readyStatus(object));
  if (state === 'crashing')
    await store.patchStatus(key, failedStatus(object, 'Available', 'CrashLoop', 'exited 1'));
  return key;
}

/** The same every time, so that ids can be written into a test. */
function uidOf(name: string): string {
  return `00000000-0000-4000-8000-${Buffer.from(name).toString('hex').padStart(12, '0')}`;
}

describe('peerctl get', () => {
  beforeEach(async () => {
    await put('web', { replicas: 2, placement: { peers: ['alice', 'bob'] } }, { labels: { app: 'shop' } });
    await put('db', {}, {}, 'crashing');
    await put('old', {}, { namespace: 'prod' }, 'new');
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
    await put('web', {}, { owner: BOB });
    await put('web', {}, { owner: ALICE, uid: uidOf('web2') });
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

describe('a hostile status', () => {
  it('is shown, not obeyed', async () => {
    const key = await put('web', {}, {}, 'new');
    const evil = '\x1b[2Jfine\u202e\n deployment/fake Ready';
    await store.patchStatus(key, {
      observedGeneration: 1,
      conditions: [condition('Ready', 'False', evil, evil)],
      url: 'http://x/\x07',
    } as never);
    machine.isTerminal = true;
    machine.env.NO_COLOR = '1';
    for (const args of [
      ['get', 'deploy'],
      ['describe', 'web'],
      ['status', 'web'],
      ['get', 'web', '-o', 'yaml'],
      ['get', 'web', '-o', 'json'],
    ]) {
      const { stdout } = await machine.run(...args);
      expect(stdout).toBe(visible(stdout));
    }
    const { stdout } = await machine.run('get', 'deploy', '--no-headers');
    expect(stdout.split('\n')).toHaveLength(2);
    expect(stdout).toContain('\\e[2Jfine\\u202e\\n deployment/fake Ready');
  });
});

describe('peerctl get -w', () => {
  it('prints a row per change that shows, and ends in good order on Ctrl-C', async () => {
    const web = await put('web', {}, {}, 'new');
    await put('database', {}, {}, 'new');
    machine.session.reach = async () => {};
    const running = machine.start('get', 'deploy', '-w');
    await eventually(() => expect(running.stdout.split('\n')).toHaveLength(4));
    await store.patchStatus(web, readyStatus((await store.get(web)) as Deployment));
    await store.patchStatus(web, { lastProgressTime: '2030-01-01T00:00:00Z' });
    await store.patch(web, { spec: { replicas: 2 } });
    await eventually(() => expect(running.stdout).toContain('1/2'));
    await store.delete(web);
    await eventually(() => expect(running.stdout).toContain('Deleted'));
    running.interrupt();
    expect(await running.done).toMatchObject({ code: 0, stderr: '' });
    const rows = running.stdout.split('\n').filter((row) => row.startsWith('web '));
    expect(rows.map((row) => row.trim().split(/ {3,}/).slice(1, 6))).toEqual([
      ['0/1', '0', 'alice', '<none>', 'Pending'],
      ['1/1', '1', 'alice', '<none>', 'Ready'],
      ['1/2', '1', 'alice', '<none>', 'Pending'],
      ['1/2', '1', 'alice', '<none>', 'Deleted'],
    ]);
    expect(machine.session.calls).toEqual(['sync --watch']);
    expect(machine.session.isOpen).toBe(false);
  });

  it('prints documents with -o yaml, of one name only', async () => {
    await put('web');
    await put('db');
    const running = machine.start('get', 'deploy', 'db', '-w', '-o', 'yaml');
    await eventually(() => expect(running.stdout).toContain('name: db'));
    running.interrupt();
    await running.done;
    expect(running.stdout).toMatch(/^---\napiVersion/);
    expect(running.stdout).not.toContain('name: web');
  });

  it('goes on looking when nothing can be delivered, and says so', async () => {
    await put('web');
    machine.session.refusal = new Error('there is no identity');
    const running = machine.start('get', 'deploy', '-w');
    await eventually(() => expect(running.stdout).toContain('web'));
    running.interrupt();
    expect(await running.done).toMatchObject({
      code: 0,
      stderr: 'warning: specs are not delivered meanwhile: there is no identity\n',
    });
  });

  it('never ends with 0 when the stream breaks', async () => {
    store.watch = async function* () {
      yield* [];
    };
    expect(await machine.run('get', 'deploy', '-w')).toMatchObject({
      code: 1,
      stderr: 'error: the watch ended by itself; start it again\n',
    });
  });

  it('watches one kind at a time', async () => {
    expect(await machine.run('get', 'all', '-w')).toMatchObject({ code: 2 });
  });
});
