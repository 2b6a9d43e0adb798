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

describe('peerctl apply --prune', () => {
  beforeEach(async () => {
    machine.file('web.yaml', `${webManifest('web')}---\n${webManifest('db')}`);
    machine.file('other.yaml', webManifest('other'));
    await machine.run('apply', '-f', 'web.yaml', '-f', 'other.yaml');
    machine.file('web.yaml', webManifest('web'));
  });

  it('deletes what came from the same place and is written there no more', async () => {
    expect(await machine.run('apply', '-f', 'web.yaml', '--prune')).toMatchObject({
      code: 0,
      stdout: 'deployment/web unchanged\ndeployment/db  pruned\n',
    });
    const { items } = await store.list('Deployment');
    expect(items.map(({ metadata }) => metadata.name)).toEqual(['other', 'web']);
  });

  it('shows what it would delete in a dry run', async () => {
    expect(await machine.run('apply', '-f', 'web.yaml', '--prune', '--dry-run')).toMatchObject({
      stdout: 'deployment/web unchanged (dry run)\ndeployment/db  pruned (dry run)\n',
    });
    expect((await store.list('Deployment')).items).toHaveLength(3);
  });

  it('goes by labels when they are given, and never takes what was not applied', async () => {
    await store.patch({ ...WEB, name: 'other' }, { metadata: { labels: { app: 'shop' } } });
    machine.stdin = webManifest('web').replace('name: web\n', 'name: web\n  labels: {app: shop}\n');
    expect(await machine.run('apply', '-f', '-', '--prune', '-l', 'app=shop')).toMatchObject({
      stdout: 'deployment/web   configured\ndeployment/other pruned\n',
    });
  });

  it('wants a selector when it reads stdin', async () => {
    machine.stdin = webManifest('web');
    expect(await machine.run('apply', '-f', '-', '--prune')).toMatchObject({ code: 2 });
    expect((await store.list('Deployment')).items).toHaveLength(3);
  });
});
