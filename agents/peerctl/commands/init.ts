import { DNS_LABEL } from '../../../api/meta/names.ts';
import { createIdentity } from '../../adapters/identity/keystore.ts';
import { defineCommand } from '../command.ts';
import type { Context } from '../context.ts';
import { CommandError, UsageError } from '../errors.ts';
import { askSecretly } from '../identity/ask-secretly.ts';
import { invitation, invitationName } from '../identity/invitation.ts';
import { PASSPHRASE_VARIABLE } from '../identity/own-identity.ts';

export const command = defineCommand({
  description: [
    'The identity is an Ed25519 key that only you can read; its public half is your peer ID. What is printed is a manifest',
    'to send to the other side. A passphrase is asked for with --passphrase, or taken from $PEERCOMPUTE_PASSPHRASE.',
  ].join('\n'),
  examples: [
    'peerctl init > me.yaml',
    'peerctl init --passphrase --name bob',
    'peerctl --state-dir /srv/pc init',
  ],
  flags: {
    name: { type: 'string', value: 'NAME', help: 'what the other side is to call you (default: $USER)' },
    passphrase: { type: 'boolean', help: 'encrypt the key with a passphrase' },
    force: {
      type: 'boolean',
      help: 'replace an identity: peers that trust the old one will not know the new one',
    },
  },
  async run(context, { flags }) {
    if (flags.name !== undefined && !DNS_LABEL.test(flags.name))
      throw new UsageError(`flag --name must be lower-case letters, digits and "-", not "${flags.name}"`);
    const passphrase = await choosePassphrase(context, flags.passphrase);
    const { peerID } = await createIdentity(context.identityFile, {
      force: flags.force,
      ...(passphrase && { passphrase }),
    });
    context.err.line(`Created the identity ${peerID} in ${context.stateDirectory}.`);
    context.err.line(
      'Send this manifest to the owner of the machine you want to use, and add theirs with "peerctl peers add":',
    );
    context.out.write(invitation(peerID, invitationName(flags.name, context.env.USER, peerID)));
    return undefined;
  },
});

async function choosePassphrase(context: Context, isWanted: boolean): Promise<string | undefined> {
  const given = context.env[PASSPHRASE_VARIABLE];
  if (given || !isWanted) return given;
  if (!context.stdin.isTTY)
    throw new UsageError(`nobody can be asked for a passphrase here: put it into $${PASSPHRASE_VARIABLE}`);
  const [first, second] = [await askSecretly(context, 'Passphrase: '), await askSecretly(context, 'Again: ')];
  if (first !== second) throw new CommandError('the two passphrases are not the same; nothing was created');
  return first;
}
