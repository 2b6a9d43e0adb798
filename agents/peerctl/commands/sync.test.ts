import { keyOf } from '../../../api/meta/object.ts';
import type { Deployment } from '../../../api/v1alpha1/types.ts';
import type { Store } from '../../../controllers/ports/store.ts';
import { eventually } from '../../../test/support/eventually.ts';
import { CommandLine } from '../../../test/support/peerctl-command-line.ts';
import { webManifest } from '../../../test/support/peerctl-manifests.ts';
import { failedStatus, readyStatus } from '../../../test/support/peerctl-statuses.ts';

let machine: CommandLine;
let store: Store;
beforeEach(() => {
  machine = new CommandLine();
  store = machine.store as Store;
});
afterEach(() => machine.close());

const names = async () => (await store.list('Deployment')).items.map(({ metadata }) => metadata.name);

describe('peerctl sync', () => {
  it('carries everything once, and ends with 0 when all is as it should be', async () => {
    machine.file('web.yaml', webManifest());
    expect(await machine.run('sync', '-f', 'web.yaml')).toMatchObject({
      code: 0,
      stdout: 'deployment/web created\n',
    });
    expect(machine.session.calls).toEqual(['sync']);
    expect(await machine.run('sync')).toEqual({ code: 0, stdout: '', stderr: '' });
  });

  it('says of each what is not as it should be', async () => {
    machine.file('web.yaml', webManifest());
    machine.session.reach = async (key) => {
      const web = await store.get(key);
      if (web) await store.patchStatus(key, failedStatus(web, 'Synced', 'PeerUnreachable', 'no answer'));
    };
    expect(await machine.run('sync', '-f', 'web.yaml')).toMatchObject({
      code: 5,
      stderr:
        'error: deployment/web is queued for alice (never seen): PeerUnreachable: no answer; any later apply, sync or get -w delivers it\n',
    });
  });

  it('applies nothing when a manifest is wrong', async () => {
    machine.file('web.yaml', webManifest('web', 'replicas: many'));
    expect(await machine.run('sync', '-f', 'web.yaml')).toMatchObject({ code: 2 });
    expect(await names()).toEqual([]);
    expect(machine.session.calls).toEqual([]);
  });

  it('says that it stands by while another command syncs', async () => {
    machine.session.sync = async ({ onStandby }) => onStandby?.();
    expect(await machine.run('sync', '--watch')).toMatchObject({
      code: 0,
      stderr: 'another peerctl syncs this state directory; this one takes over when it ends\n',
    });
  });

  it('says for as long as it runs what is wrong with each, once, and when it is mended', async () => {
    machine.file('web.yaml', webManifest());
    await machine.run('apply', '-f', 'web.yaml');
    // The peer has nothing new to tell.
    machine.session.reach = async () => undefined;
    const running = machine.start('sync', '--watch');
    const report = async (status: typeof readyStatus) => {
      const [web] = (await store.list('Deployment')).items;
      if (web) await store.patchStatus(keyOf(web), status(web));
    };
    const refused = (web: Deployment) => failedStatus(web, 'Synced', 'NotGranted', 'ask alice for it');
    await report(refused);
    await eventually(() =>
      expect(running.stderr).toContain('warning: deployment/web: NotGranted: ask alice'),
    );
    await report(refused);
    await report(readyStatus);
    await eventually(() => expect(running.stderr).toContain('deployment/web is as it should be again'));
    expect(running.stderr.match(/NotGranted/g)).toHaveLength(1);
    running.interrupt();
    expect(await running.done).toMatchObject({ code: 0 });
  });

  it('wants -f for --prune', async () => {
    expect(await machine.run('sync', '--prune')).toMatchObject({ code: 2 });
  });
});

describe('peerctl sync -f DIR --watch --prune', () => {
  it('makes what runs follow the directory, survives mistakes in it, and ends with 0 on Ctrl-C', async () => {
    machine.file('web.yaml', webManifest());
    const running = machine.start('sync', '-f', '.', '--watch', '--prune');
    await eventually(() => expect(running.stdout).toBe('deployment/web created\n'));
    await eventually(() => expect(machine.clock.pending).toBeGreaterThan(0));

    machine.file('db.yaml', webManifest('db'));
    await nextScan();
    await eventually(async () => expect(await names()).toEqual(['db', 'web']));

    machine.file('db.yaml', webManifest('db', 'replicas: -3'));
    await nextScan();
    await eventually(() =>
      expect(running.stderr).toContain('error: db.yaml:6: spec.replicas: must not be negative'),
    );
    expect(await names()).toEqual(['db', 'web']);

    machine.file('db.yaml', '');
    await nextScan();
    await eventually(async () => expect(await names()).toEqual(['web']));

    running.interrupt();
    expect(await running.done).toMatchObject({ code: 0 });
    expect(running.stdout).toBe('deployment/web created\ndeployment/db created\ndeployment/db pruned\n');
    expect(machine.clock.pending).toBe(0);
    expect(machine.session.isOpen).toBe(false);
  });

  /** Whether the file system told of the change or not: the next look comes in any case. */
  async function nextScan(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, 20));
    await machine.clock.advance(31_000);
  }
});
