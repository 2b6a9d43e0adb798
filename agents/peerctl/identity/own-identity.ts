import { isStatusError } from '../../../api/meta/status-error.ts';
import type { Identity } from '../../adapters/identity/identity.ts';
import { loadIdentity } from '../../adapters/identity/keystore.ts';
import type { Context } from '../context.ts';
import { CommandError } from '../errors.ts';
import { askSecretly } from './ask-secretly.ts';

/** Holds the passphrase of the identity, for where nobody can be asked. */
export const PASSPHRASE_VARIABLE = 'PEERCOMPUTE_PASSPHRASE';

/** The identity of this state directory; its passphrase comes from the environment or from the person at the terminal. */
export async function ownIdentity(context: Context): Promise<Identity> {
  const passphrase = context.env[PASSPHRASE_VARIABLE];
  try {
    return await loadIdentity(context.identityFile, passphrase ? { passphrase } : {});
  } catch (error) {
    if (!isStatusError(error, 'Unauthorized') || passphrase) throw error;
  }
  if (!context.stdin.isTTY)
    throw new CommandError(`the identity is protected by a passphrase: put it into $${PASSPHRASE_VARIABLE}`);
  return loadIdentity(context.identityFile, { passphrase: await askSecretly(context, 'Passphrase: ') });
}
