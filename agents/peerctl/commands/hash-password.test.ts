import { PASSWORD_HASH } from '../../../api/v1alpha1/access.ts';
import { CommandLine } from '../../../test/support/peerctl-command-line.ts';
import { isPassword } from '../../adapters/system/password-hash.ts';

let machine: CommandLine;
beforeEach(() => {
  machine = new CommandLine();
});
afterEach(() => machine.close());

describe('peerctl hash-password', () => {
  it('prints a hash of the line it reads, and asks nobody where nobody sits', async () => {
    machine.stdin = 'secret\nmore\n';
    const { code, stdout, stderr } = await machine.run('hash-password');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout.trim()).toMatch(PASSWORD_HASH);
    expect(await isPassword('secret', stdout.trim())).toBe(true);
  });

  it('takes no empty password', async () => {
    machine.stdin = '\n';
    expect(await machine.run('hash-password')).toEqual({
      code: 2,
      stdout: '',
      stderr: 'error: the password is empty\n',
    });
  });
});
