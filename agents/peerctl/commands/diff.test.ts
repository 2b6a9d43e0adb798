import { StatusError } from '../../../api/meta/status-error.ts';
import { CommandLine } from '../../../test/support/peerctl-command-line.ts';
import { webManifest } from '../../../test/support/peerctl-manifests.ts';

let machine: CommandLine;
beforeEach(async () => {
  machine = new CommandLine();
  machine.session.previews = [];
  machine.file(
    'web.yaml',
    `${webManifest()}          env: [{name: TOKEN, value: hunter2}, {name: MODE, value: fast}]\n`,
  );
  await machine.run('apply', '-f', 'web.yaml');
});
afterEach(() => machine.close());

describe('peerctl diff', () => {
  it('ends with 0 and no word when nothing would change', async () => {
    expect(await machine.run('diff', '-f', 'web.yaml')).toEqual({ code: 0, stdout: '', stderr: '' });
  });

  it('ends with 1 and shows what would change, without the values of variables', async () => {
    machine.file(
      'web.yaml',
      `${webManifest('web', 'replicas: 3')}          env: [{name: TOKEN, value: swordfish}, {name: MODE, value: fast}]\n`,
    );
    const { code, stdout } = await machine.run('diff', '-f', 'web.yaml');
    expect(code).toBe(1);
    expect(stdout.split('\n').filter((line) => /^[-+@]/.test(line))).toEqual([
      '--- live/deployment/web',
      '+++ web.yaml/deployment/web',
      expect.stringMatching(/^@@/),
      '-  replicas: 1',
      '+  replicas: 3',
      expect.stringMatching(/^@@/),
      "-              value: '*** (before)'",
      "+              value: '*** (after)'",
    ]);
    expect(stdout).not.toMatch(/hunter2|swordfish|fast/);
  });

  it('shows what is new, and with --prune what would go', async () => {
    machine.file('web.yaml', webManifest('new'));
    const { code, stdout } = await machine.run('diff', '-f', 'web.yaml', '--prune');
    expect(code).toBe(1);
    expect(stdout).toContain('--- /dev/null\n+++ web.yaml/deployment/new\n');
    expect(stdout).toContain('--- live/deployment/web\n+++ /dev/null\n');
  });

  it('tells what each peer would say, and stays at 1', async () => {
    machine.file('web.yaml', webManifest('web', 'replicas: 3'));
    machine.session.previews = [
      { peer: 'alice', operation: 'configured' },
      {
        peer: 'bob',
        refused: new StatusError('ServiceUnavailable', 'no answer', { cause: 'PeerUnreachable' }),
      },
    ];
    expect(await machine.run('diff', '-f', 'web.yaml')).toMatchObject({
      code: 1,
      stderr:
        'alice would accept deployment/web\nerror: bob cannot be asked about deployment/web: PeerUnreachable: no answer\n',
    });
    expect(await machine.run('diff', '-f', 'web.yaml', '--peers=false')).toMatchObject({
      code: 1,
      stderr: '',
    });
  });

  it('ends with more than 1 for every error, so that no script takes it for a difference', async () => {
    expect(await machine.run('diff', '-f', 'nope.yaml')).toMatchObject({ code: 2 });
    expect(await machine.run('diff')).toMatchObject({ code: 2 });
    machine.store = undefined;
    expect(await machine.run('diff', '-f', 'web.yaml')).toMatchObject({ code: 2 });
  });
});
