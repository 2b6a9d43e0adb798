import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parseManifests } from '../../../api/yaml.ts';
import { CommandLine } from '../../../test/support/peerctl-command-line.ts';

let machine: CommandLine;
beforeEach(() => {
  machine = new CommandLine();
});
afterEach(() => machine.close());

const PEER_ID = /12D3KooW\w{44}/;

describe('peerctl init', () => {
  it('creates an identity that only its owner can read, and prints a manifest for the other side', async () => {
    const { code, stdout, stderr } = await machine.run('init');
    expect(code).toBe(0);
    const directory = join(machine.cwd, '.peercompute');
    expect(stderr).toMatch(new RegExp(`^Created the identity 12D3KooW\\w+ in ${directory}.\n`));
    expect(statSync(directory).mode & 0o777).toBe(0o700);
    expect(statSync(join(directory, 'identity.pem')).mode & 0o777).toBe(0o600);
    const [found] = parseManifests(stdout, 'me.yaml');
    expect(found?.manifest).toMatchObject({
      kind: 'TrustedPeer',
      metadata: { name: 'bob' },
      spec: {
        peerID: expect.stringMatching(PEER_ID),
        grants: { logs: true, deploy: { maxDeployments: 10 } },
      },
    });
  });

  it('never replaces an identity unless told to', async () => {
    const [first] = PEER_ID.exec((await machine.run('init')).stdout) ?? [];
    expect(await machine.run('init')).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining('--force'),
    });
    expect((await machine.run('identity')).stdout).toBe(`${first}\n`);
    expect((await machine.run('init', '--force')).stdout).not.toContain(first);
  });

  it('goes where it is told to', async () => {
    machine.env.PEERCOMPUTE_HOME = join(machine.cwd, 'from-env');
    await machine.run('init');
    await machine.run('--state-dir', 'from-flag', 'init', '--name', 'carol');
    expect(
      ['from-env', 'from-flag'].map((name) => existsSync(join(machine.cwd, name, 'identity.pem'))),
    ).toEqual([true, true]);
  });

  it('encrypts with a passphrase from the environment', async () => {
    machine.env.PEERCOMPUTE_PASSPHRASE = 'swordfish';
    const [peerID] = PEER_ID.exec((await machine.run('init')).stdout) ?? [];
    expect((await machine.run('identity')).stdout).toBe(`${peerID}\n`);
    machine.env.PEERCOMPUTE_PASSPHRASE = 'wrong';
    expect(await machine.run('identity')).toMatchObject({
      code: 4,
      stdout: '',
      stderr: expect.stringContaining('passphrase'),
    });
    delete machine.env.PEERCOMPUTE_PASSPHRASE;
    expect(await machine.run('identity')).toMatchObject({
      code: 1,
      stderr: 'error: the identity is protected by a passphrase: put it into $PEERCOMPUTE_PASSPHRASE\n',
    });
  });

  it.each([
    [['--passphrase'], 'nobody can be asked'],
    [['--name', 'Not_A_Name'], 'flag --name must be'],
  ])('refuses %j', async (args, message) => {
    expect(await machine.run('init', ...args)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining(message),
    });
    expect(existsSync(join(machine.cwd, '.peercompute'))).toBe(false);
  });
});

describe('peerctl identity', () => {
  it('prints the manifest again', async () => {
    const { stdout } = await machine.run('init');
    expect((await machine.run('identity', '--manifest')).stdout).toBe(stdout);
    expect((await machine.run('identity', '--manifest', '--name', 'carol')).stdout).toContain(
      '  name: carol\n',
    );
  });

  it('says how to get one', async () => {
    expect(await machine.run('identity')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('peerctl init'),
    });
  });
});
