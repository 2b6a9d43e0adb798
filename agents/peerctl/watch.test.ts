import type { Deployment } from '../../api/v1alpha1/types.ts';
import type { Store } from '../../controllers/ports/store.ts';
import { eventually } from '../../test/support/eventually.ts';
import { expireFirstWatch } from '../../test/support/expiring-watch.ts';
import { CommandLine } from '../../test/support/peerctl-command-line.ts';
import { putDeployment } from '../../test/support/peerctl-deployments.ts';
import { readyStatus } from '../../test/support/peerctl-statuses.ts';

let machine: CommandLine;
let store: Store;
beforeEach(async () => {
  machine = new CommandLine();
  store = machine.store as Store;
});
afterEach(() => machine.close());

describe('peerctl get -w', () => {
  it('prints a row per change that shows, and ends in good order on Ctrl-C', async () => {
    const web = await putDeployment(store, 'web', { state: 'new' });
    await putDeployment(store, 'database', { state: 'new' });
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
    await putDeployment(store, 'web');
    await putDeployment(store, 'db');
    const running = machine.start('get', 'deploy', 'db', '-w', '-o', 'yaml');
    await eventually(() => expect(running.stdout).toContain('name: db'));
    running.interrupt();
    await running.done;
    expect(running.stdout).toMatch(/^---\napiVersion/);
    expect(running.stdout).not.toContain('name: web');
  });

  it('goes on looking when nothing can be delivered, and says so', async () => {
    await putDeployment(store, 'web');
    machine.session.refusal = new Error('there is no identity');
    const running = machine.start('get', 'deploy', '-w');
    await eventually(() => expect(running.stdout).toContain('web'));
    running.interrupt();
    expect(await running.done).toMatchObject({
      code: 0,
      stderr: 'warning: specs are not delivered meanwhile: there is no identity\n',
    });
  });

  it('shows what has changed while the Store had lost track, once', async () => {
    const web = await putDeployment(store, 'web', { state: 'new' });
    await putDeployment(store, 'db', { state: 'new' });
    machine.session.reach = async () => {};
    expireFirstWatch(store, () => store.patch(web, { spec: { replicas: 2 } }));
    const running = machine.start('get', 'deploy', '-w');
    await eventually(() => expect(running.stdout).toContain('0/2'));
    await store.delete(web);
    await eventually(() => expect(running.stdout).toContain('Deleted'));
    running.interrupt();
    expect(await running.done).toMatchObject({ code: 0, stderr: '' });
    const names = running.stdout.split('\n').map((row) => row.split(' ')[0]);
    expect(names).toEqual(['NAME', 'db', 'web', 'web', 'web', '']);
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
