import type { Store } from '../../../controllers/ports/store.ts';
import { ALICE, BOB, deployment, trustedPeer } from '../../../test/support/objects.ts';
import { CommandLine } from '../../../test/support/peerctl-command-line.ts';
import { failedStatus, readyStatus } from '../../../test/support/peerctl-statuses.ts';

let machine: CommandLine;
let store: Store;
beforeEach(async () => {
  machine = new CommandLine();
  store = machine.store as Store;
  await store.apply(trustedPeer('alice', ALICE));
  await store.apply(trustedPeer('bob', BOB));
});
afterEach(() => machine.close());

async function put(name: string, peers: string[], isReady: boolean) {
  const { object } = await store.apply(deployment(name, { placement: { peers } }));
  const status = isReady
    ? readyStatus(object)
    : failedStatus(object, 'Admitted', 'QuotaExceeded', 'needs 2 cpu of 1');
  await store.patchStatus({ kind: 'Deployment', namespace: 'default', name }, status);
}

describe('peerctl status', () => {
  it('shows one Deployment as a chain, with the broken link marked', async () => {
    await put('db', ['alice'], false);
    const { code, stdout } = await machine.run('status', 'db');
    expect(code).toBe(0);
    expect(stdout.replace(/dep-\w+/, 'dep-ID')).toBe(
      [
        'deployment/db (dep-ID)   not ready: QuotaExceeded',
        '  manifest    ok  generation 1',
        '  signature   ok  made when the spec is sent',
        '  peer        ok  alice',
        '  admission   !!  QuotaExceeded: needs 2 cpu of 1',
        '  image       --',
        '  process     --',
        '  probe       --',
        '',
      ].join('\n'),
    );
  });

  it('shows all of a namespace, and each peer of each', async () => {
    await put('db', ['alice'], false);
    await put('web', ['alice', 'bob'], true);
    const { stdout } = await machine.run('status');
    expect(stdout).toMatch(
      /^deployment\/db .*\n(.*\n)*\ndeployment\/web .* ready on alice, bob for 0s\n {2}on alice\n/,
    );
    expect(stdout).toContain('  on bob\n');
  });

  it('gives it as data', async () => {
    await put('web', ['alice'], true);
    const [web] = JSON.parse((await machine.run('status', '-o', 'json')).stdout);
    expect(web).toMatchObject({
      name: 'web',
      namespace: 'default',
      chains: [
        { peer: 'alice', links: expect.arrayContaining([{ name: 'peer', state: 'ok', detail: 'alice' }]) },
      ],
    });
  });

  it('colours the marks on a terminal, unless told not to', async () => {
    await put('db', ['alice'], false);
    machine.isTerminal = true;
    expect((await machine.run('status', 'db')).stdout).toContain('\x1b[31m!!\x1b[0m');
    machine.env.NO_COLOR = '1';
    expect((await machine.run('status', 'db')).stdout).not.toContain('\x1b');
  });

  it('says when there is nothing', async () => {
    expect(await machine.run('status')).toEqual({ code: 0, stdout: '', stderr: 'No resources found.\n' });
    expect(await machine.run('status', 'nope')).toMatchObject({ code: 1 });
  });
});
