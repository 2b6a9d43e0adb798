import { StatusError } from '../../../api/meta/status-error.ts';
import type { Store } from '../../../controllers/ports/store.ts';
import { expireFirstWatch } from '../../../test/support/expiring-watch.ts';
import { CommandLine } from '../../../test/support/peerctl-command-line.ts';
import { ALICE_MANIFEST, webManifest } from '../../../test/support/peerctl-manifests.ts';
import { failedStatus } from '../../../test/support/peerctl-statuses.ts';

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

describe('peerctl apply ends with', () => {
  it.each([
    ['4 when a peer refuses', 'Admitted', 'QuotaExceeded', 4, 'is refused: QuotaExceeded: no'],
    [
      '5 when a peer does not answer, and says that it is queued',
      'Synced',
      'PeerUnreachable',
      5,
      'is queued for alice',
    ],
    ['4 when a peer does not trust us', 'Synced', 'NotTrustedByPeer', 4, 'is refused: NotTrustedByPeer: no'],
    ['1 when we do not trust the peer', 'Synced', 'PeerNotTrusted', 1, 'is not ready: PeerNotTrusted: no'],
    [
      '3 when the update is stuck',
      'Progressing',
      'ProgressDeadlineExceeded',
      3,
      'is not ready: ProgressDeadlineExceeded',
    ],
  ])('%s', async (_, type, reason, code, message) => {
    machine.session.reach = async (key) => {
      const web = await store.get(key);
      if (web) await store.patchStatus(key, failedStatus(web, type, reason, 'no'));
    };
    const result = await apply(webManifest());
    expect(result).toMatchObject({ code, stdout: 'deployment/web created\n' });
    expect(result.stderr).toContain(`error: deployment/web ${message}`);
  });

  it('3 when the time is over, naming what it waits for', async () => {
    machine.session.reach = (_, signal) =>
      new Promise((resolve) => signal.addEventListener('abort', () => resolve()));
    machine.file('web.yaml', webManifest());
    const running = machine.start('apply', '-f', 'web.yaml', '--timeout', '2m');
    while (machine.session.calls.length === 0) await machine.clock.settle();
    await machine.clock.advance(120_000);
    expect(await running.done).toMatchObject({
      code: 3,
      stderr:
        'error: deployment/web is not ready after 2m: no peer has reported on it yet; "peerctl status web" shows more\n',
    });
    expect(machine.clock.pending).toBe(0);
  });

  it('3 as soon as the update is stuck, whatever the session still hopes for', async () => {
    machine.session.reach = async (key, signal) => {
      const web = await store.get(key);
      if (web)
        await store.patchStatus(key, failedStatus(web, 'Progressing', 'ProgressDeadlineExceeded', 'no'));
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
    };
    expect(await apply(webManifest())).toMatchObject({ code: 3 });
    expect(machine.clock.pending).toBe(0);
  });

  it('0 when what failed before is mended now', async () => {
    const ready = machine.session.reach;
    machine.session.reach = async () => {};
    await apply(webManifest(), '--timeout', '0');
    const web = await store.get(WEB);
    if (web) await store.patchStatus(WEB, failedStatus(web, 'Progressing', 'ProgressDeadlineExceeded', 'no'));
    machine.session.reach = async (key, signal) => {
      await machine.clock.settle();
      await ready(key, signal);
    };
    expect(await apply(webManifest())).toMatchObject({ code: 0, stderr: '' });
  });

  it('0 when the Store lost track of what it told, and of a Deployment that went meanwhile', async () => {
    await apply(webManifest());
    machine.session.reach = (_, signal) =>
      new Promise((resolve) => signal.addEventListener('abort', () => resolve()));
    await store.patch(WEB, { metadata: { finalizers: ['test/wait'] } });
    expireFirstWatch(store, () => store.patch(WEB, { metadata: { finalizers: null } }));
    expect(await machine.run('delete', 'deployment', 'web')).toMatchObject({ code: 0, stderr: '' });
    expect(await store.get(WEB)).toBeUndefined();
  });

  it('130 on Ctrl-C, and the spec stays', async () => {
    machine.session.reach = (_, signal) =>
      new Promise((resolve) => signal.addEventListener('abort', () => resolve()));
    machine.file('web.yaml', webManifest());
    const running = machine.start('apply', '-f', 'web.yaml');
    while (machine.session.calls.length === 0) await machine.clock.settle();
    running.interrupt();
    expect(await running.done).toMatchObject({ code: 130, stderr: expect.stringContaining('interrupted') });
    expect(await store.get(WEB)).toBeDefined();
    expect(machine.clock.pending).toBe(0);
  });

  it('1 when it cannot reach out at all, with the reason', async () => {
    machine.session.refusal = new StatusError(
      'NotFound',
      'there is no identity: create one with "peerctl init"',
    );
    expect(await apply(webManifest())).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('peerctl init'),
    });
  });
});
