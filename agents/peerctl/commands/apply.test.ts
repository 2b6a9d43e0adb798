import { StatusError } from '../../../api/meta/status-error.ts';
import type { Store } from '../../../controllers/ports/store.ts';
import { CommandLine } from '../../../test/support/peerctl-command-line.ts';
import { ALICE_MANIFEST, webManifest } from '../../../test/support/peerctl-manifests.ts';

const WEB = { kind: 'Deployment', namespace: 'default', name: 'web' } as const;

let machine: CommandLine;
let store: Store;
beforeEach(async () => {
  machine = new CommandLine();
  store = machine.store as Store;
  machine.file('alice.yaml', ALICE_MANIFEST);
  await machine.run('apply', '-f', 'alice.yaml');
});
afterEach(() => machine.close());

async function apply(text: string, ...more: string[]) {
  machine.file('web.yaml', text);
  return machine.run('apply', '-f', 'web.yaml', ...more);
}

describe('peerctl apply', () => {
  it('creates, says so, and delivers; trust comes before what is to run there', async () => {
    machine.file('all.yaml', `${webManifest()}---\n${ALICE_MANIFEST}`);
    expect(await machine.run('apply', '-f', 'all.yaml')).toEqual({
      code: 0,
      stdout: 'trustedpeer/alice unchanged\ndeployment/web    created\n',
      stderr: '',
    });
    expect(machine.session.calls).toEqual(['deliver web']);
    expect(machine.session.isOpen).toBe(false);
  });

  it('does nothing the second time, and asks no peer', async () => {
    await apply(webManifest());
    const before = await store.get(WEB);
    machine.session.calls.length = 0;
    expect(await apply(webManifest())).toEqual({ code: 0, stdout: 'deployment/web unchanged\n', stderr: '' });
    expect(await store.get(WEB)).toEqual(before);
    expect(machine.session.calls).toEqual([]);
  });

  it('takes nothing that is on its way out for what is wanted', async () => {
    await apply(webManifest());
    await store.patch(WEB, { metadata: { finalizers: ['test/held'] } });
    await store.delete(WEB);
    expect(await apply(webManifest())).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining('it is being deleted; wait until it is gone'),
    });
  });

  it('keeps what scale and restart have set when the manifest does not speak of it', async () => {
    await apply(webManifest());
    await machine.run('scale', 'web', '--replicas', '5');
    await machine.run('restart', 'web');
    expect(await apply(webManifest('web', 'minReadySeconds: 3'))).toMatchObject({
      stdout: 'deployment/web configured\n',
    });
    expect(await store.get(WEB)).toMatchObject({
      spec: {
        replicas: 5,
        minReadySeconds: 3,
        template: {
          metadata: { annotations: { 'peercompute.dev/restartedAt': '2030-01-01T00:00:00.000Z' } },
        },
      },
    });
  });

  it('sets again what the manifest says itself', async () => {
    await apply(webManifest('web', 'replicas: 2'));
    await machine.run('scale', 'web', '--replicas', '5');
    await apply(webManifest('web', 'replicas: 2'));
    expect((await store.get(WEB))?.spec.replicas).toBe(2);
  });

  it('removes what an earlier manifest said and this one does not', async () => {
    await apply(
      webManifest('web', 'replicas: 4').replace('name: web\n', 'name: web\n  labels: {app: shop, tier: a}\n'),
    );
    await apply(webManifest().replace('name: web\n', 'name: web\n  labels: {app: shop}\n'));
    const web = await store.get(WEB);
    expect(web?.spec.replicas).toBe(1);
    expect(web?.metadata.labels).toEqual({ app: 'shop' });
  });

  it('writes nothing when one of many documents is wrong, and names every mistake', async () => {
    machine.file('a.yaml', webManifest('a'));
    machine.file(
      'b.yaml',
      `${webManifest('b', 'replicas: -1')}---\n${webManifest('c').replace('image:', 'imgae:')}`,
    );
    expect(await machine.run('apply', '-f', 'a.yaml', '-f', 'b.yaml')).toEqual({
      code: 2,
      stdout: '',
      stderr: [
        'error: b.yaml:6: spec.replicas: must not be negative',
        'error: b.yaml:23: spec.template.spec.containers[0].image: is required',
        'error: b.yaml:24: spec.template.spec.containers[0].imgae: unknown field; did you mean "image"?',
        '',
      ].join('\n'),
    });
    expect((await store.list('Deployment')).items).toEqual([]);
    expect(machine.session.calls).toEqual([]);
  });

  it('refuses the same object written twice, naming both places', async () => {
    machine.file('again.yaml', webManifest());
    expect(await apply(webManifest(), '-f', 'again.yaml')).toMatchObject({
      code: 2,
      stderr: 'error: again.yaml:1: metadata.name: Deployment "web" is written already in web.yaml:1\n',
    });
  });

  it('refuses a merge that makes no valid object, before writing', async () => {
    await apply(webManifest());
    await store.patch(WEB, { spec: { strategy: { rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } } } });
    const strategy = 'strategy: {type: RollingUpdate, rollingUpdate: {maxUnavailable: 0}}';
    expect(await apply(webManifest('web', strategy))).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^error: web.yaml:1: spec.strategy.rollingUpdate: maxSurge and/),
    });
    expect((await store.get(WEB))?.metadata.generation).toBe(2);
  });

  it('lets no default outlive the field it belonged to', async () => {
    await apply(webManifest());
    expect(await apply(webManifest('web', 'strategy: {type: Recreate}'))).toMatchObject({ code: 0 });
    expect((await store.get(WEB))?.spec.strategy).toEqual({ type: 'Recreate' });
  });

  it('gives a field its default again that scale has changed and the manifest names no more', async () => {
    await apply(webManifest('web', 'replicas: 4'));
    await machine.run('scale', 'web', '--replicas', '7');
    await apply(webManifest());
    expect((await store.get(WEB))?.spec.replicas).toBe(1);
  });

  it('refuses a second name for the same peer', async () => {
    expect(await apply(ALICE_MANIFEST.replace('name: alice', 'name: bob'))).toMatchObject({
      code: 2,
      stderr: 'error: web.yaml:1: spec.peerID: is trusted already, as "alice"\n',
    });
  });

  it('warns of a peer that nobody knows, as a slip', async () => {
    expect(await apply(webManifest().replace('[alice]', '[alcie]'))).toMatchObject({
      code: 0,
      stderr:
        'warning: web.yaml:1: spec.placement.peers: there is no TrustedPeer "alcie"; did you mean alice?\n',
    });
  });

  it('puts manifests without a namespace into that of -n, and refuses others', async () => {
    expect(await apply(webManifest(), '-n', 'prod')).toMatchObject({ code: 0 });
    expect(await store.get({ ...WEB, namespace: 'prod' })).toBeDefined();
    const elsewhere = webManifest().replace('name: web\n', 'name: web\n  namespace: staging\n');
    expect(await apply(elsewhere, '-n', 'prod')).toMatchObject({
      code: 2,
      stderr: 'error: web.yaml:1: metadata.namespace: is "staging", but -n says "prod"\n',
    });
  });

  it('reads stdin, and keeps where the object came from', async () => {
    await apply(webManifest());
    machine.stdin = webManifest('web', 'replicas: 2');
    expect(await machine.run('apply', '-f', '-')).toMatchObject({ stdout: 'deployment/web configured\n' });
    expect((await store.get(WEB))?.metadata.lastApplied?.source).toBe(`${machine.cwd}/web.yaml`);
  });

  it('does not write over what another command wrote in between', async () => {
    await apply(webManifest());
    const original = store.apply.bind(store);
    let raced = false;
    store.apply = async (object, options) => {
      if (!raced) {
        raced = true;
        await store.patch(WEB, { spec: { replicas: 7 } });
      }
      return original(object, options);
    };
    await apply(webManifest('web', 'minReadySeconds: 3'));
    expect((await store.get(WEB))?.spec).toMatchObject({ replicas: 7, minReadySeconds: 3 });
  });

  it('needs a state directory', async () => {
    machine.store = undefined;
    expect(await apply(webManifest())).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('peerctl init'),
    });
  });
});

describe('peerctl apply --dry-run', () => {
  it('shows what would happen and writes nothing, without a state directory too', async () => {
    machine.store = undefined;
    expect(await apply(webManifest(), '--dry-run')).toMatchObject({
      code: 0,
      stdout: 'deployment/web created (dry run)\n',
    });
    expect(machine.session.calls).toEqual([]);
  });

  it('prints the manifests that it would lead to', async () => {
    const { stdout } = await apply(webManifest(), '--dry-run=client', '-o', 'json');
    expect(JSON.parse(stdout)).toMatchObject({
      kind: 'Deployment',
      metadata: { name: 'web' },
      spec: { replicas: 1 },
    });
  });

  it('asks the peers with =server, and ends with 4 when one would refuse', async () => {
    const refused = new StatusError('Forbidden', 'needs 2 cpu of 1', { cause: 'QuotaExceeded' });
    machine.session.previews = [
      { peer: 'alice', operation: 'created' },
      { peer: 'bob', refused },
    ];
    expect(await apply(webManifest(), '--dry-run=server')).toEqual({
      code: 4,
      stdout: 'deployment/web created (server dry run)\n',
      stderr:
        'alice would accept deployment/web\nerror: bob would refuse deployment/web: QuotaExceeded: needs 2 cpu of 1\n',
    });
    expect((await store.list('Deployment')).items).toEqual([]);
  });
});
