import type { Deployment } from '../../../api/v1alpha1/types.ts';
import type { Store } from '../../../controllers/ports/store.ts';
import { ALICE, deployment, trustedPeer } from '../../../test/support/objects.ts';
import { CommandLine } from '../../../test/support/peerctl-command-line.ts';
import { condition, failedStatus, readyStatus } from '../../../test/support/peerctl-statuses.ts';

const WEB = { kind: 'Deployment', namespace: 'default', name: 'web' } as const;

let machine: CommandLine;
let store: Store;
let web: Deployment;
beforeEach(async () => {
  machine = new CommandLine();
  store = machine.store as Store;
  web = (await store.apply(deployment('web'))).object;
  // A peer that is silent, unless a test says otherwise.
  machine.session.reach = (_, signal) =>
    new Promise((resolve) => signal.addEventListener('abort', () => resolve()));
});
afterEach(() => machine.close());

/** Starts to wait, and lets it get as far as it gets. */
async function start(...args: string[]) {
  const running = machine.start('wait', ...args);
  for (let turn = 0; turn < 20; turn++) await machine.clock.settle();
  return running;
}

describe('peerctl wait', () => {
  it.each([
    ['condition=Ready', () => store.patchStatus(WEB, readyStatus(web))],
    ['condition=ready=true', () => store.patchStatus(WEB, readyStatus(web))],
    ['jsonpath={.status.readyReplicas}=1', () => store.patchStatus(WEB, readyStatus(web))],
    ['jsonpath=.status.url', () => store.patchStatus(WEB, { url: 'https://x' })],
    ['condition=Ready=False', () => store.patchStatus(WEB, failedStatus(web, 'Available', 'CrashLoop', ''))],
    ['delete', () => store.delete(WEB)],
  ])('ends when %s holds', async (goal, change) => {
    const running = await start('web', `--for=${goal}`);
    expect(running.stdout).toBe('');
    await change();
    expect(await running.done).toEqual({ code: 0, stdout: 'deployment/web condition met\n', stderr: '' });
    expect(machine.clock.pending).toBe(0);
  });

  it('ends at once when it holds already', async () => {
    await store.patchStatus(WEB, readyStatus(web));
    expect(await machine.run('wait', 'web', '--for=condition=Ready')).toMatchObject({ code: 0 });
    expect(machine.session.calls).toEqual([]);
  });

  it('does not take a word about an older spec for one about this', async () => {
    await store.patchStatus(WEB, readyStatus(web));
    await store.patch(WEB, { spec: { replicas: 2 } });
    const running = await start('web', '--for=condition=Ready');
    await machine.clock.advance(30_000);
    expect(await running.done).toMatchObject({ code: 3 });
  });

  it('ends with 3 when the time is over', async () => {
    const running = await start('web', '--for=condition=Ready', '--timeout', '5s');
    await machine.clock.advance(5_000);
    expect(await running.done).toMatchObject({
      code: 3,
      stderr: 'error: deployment/web: condition=Ready did not come true within 5s\n',
    });
  });

  it('ends at once when what it waits for has failed for good', async () => {
    const running = await start('web', '--for=condition=Ready');
    await store.patchStatus(
      WEB,
      failedStatus(web, 'Progressing', 'ProgressDeadlineExceeded', 'nothing moved'),
    );
    expect(await running.done).toMatchObject({
      code: 3,
      stderr: 'error: deployment/web: ProgressDeadlineExceeded: nothing moved\n',
    });
  });

  it('ends at once with 4 when the peer refuses', async () => {
    machine.session.reach = async (key) => {
      await store.patchStatus(key, failedStatus(web, 'Admitted', 'QuotaExceeded', 'too much'));
    };
    expect(await machine.run('wait', 'web', '--for=condition=Ready')).toMatchObject({
      code: 4,
      stderr: 'error: deployment/web: QuotaExceeded: too much\n',
    });
  });

  it('fails when the object goes instead', async () => {
    const running = await start('web', '--for=condition=Ready');
    await store.delete(WEB);
    expect(await running.done).toMatchObject({ code: 1, stderr: 'error: deployment/web was deleted\n' });
  });

  it('waits for other kinds, and asks no peer about them', async () => {
    await store.apply(trustedPeer('alice', ALICE));
    const running = await start('peer/alice', '--for=condition=Connected');
    await store.patchStatus({ kind: 'TrustedPeer', name: 'alice' }, {
      observedGeneration: 1,
      conditions: [condition('Connected', 'True', 'Direct')],
    } as never);
    expect(await running.done).toMatchObject({ code: 0 });
    expect(machine.session.calls).toEqual([]);
  });

  it('has nothing to wait for when the object to go is gone', async () => {
    expect(await machine.run('wait', 'nope', '--for=delete')).toMatchObject({ code: 0 });
    expect(await machine.run('wait', 'nope', '--for=condition=Ready')).toMatchObject({ code: 1 });
  });

  it.each([[['web']], [['web', '--for=ready']], [['--for=delete']]])('refuses %j', async (args) => {
    expect(await machine.run('wait', ...args)).toMatchObject({ code: 2 });
  });
});
