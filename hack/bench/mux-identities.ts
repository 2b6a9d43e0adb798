import { createHash, createPrivateKey } from 'node:crypto';
import { type Identity, identityOf } from '../../agents/adapters/identity/identity.ts';

/** PKCS#8 of an Ed25519 key, without its last 32 bytes: the secret. */
const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');

/** An identity that two processes of a benchmark can agree on without a word: no secret at all. */
export function benchIdentity(name: string): Identity {
  const seed = createHash('sha256').update(name).digest();
  const key = createPrivateKey({ key: Buffer.concat([PKCS8_PREFIX, seed]), format: 'der', type: 'pkcs8' });
  return identityOf(key);
}
