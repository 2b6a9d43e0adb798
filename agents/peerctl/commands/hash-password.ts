import { hashPassword } from '../../adapters/system/password-hash.ts';
import { defineCommand } from '../command.ts';
import { CommandError, ExitCode } from '../errors.ts';
import { askSecretly } from '../identity/ask-secretly.ts';

export const command = defineCommand({
  description:
    'For spec.expose.access.basicAuth. At a terminal it asks for the password, twice; otherwise it reads one line of stdin.',
  examples: ['peerctl hash-password', 'printf %s "$PASSWORD" | peerctl hash-password'],
  flags: {},
  async run(context) {
    const password = await askSecretly(context, 'Password: ');
    if (context.stdin.isTTY && password !== (await askSecretly(context, 'Again: ')))
      throw new CommandError('the two passwords differ: try again', ExitCode.Usage);
    if (password === '') throw new CommandError('the password is empty', ExitCode.Usage);
    context.out.line(await hashPassword(password));
    return undefined;
  },
});
