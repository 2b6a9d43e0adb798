import { createHash, createHmac, createPublicKey, type KeyObject, sign } from 'node:crypto';

/** What a CA knows an account by: its URL once it has one, its public key before. */
export interface Signer {
  privateKey: KeyObject;
  accountURL?: string | undefined;
}

/** Ties a new account to one that the CA knows by other means (RFC 8555, 7.3.4). */
export interface ExternalAccount {
  kid: string;
  /** base64url, as CAs hand it out. */
  key: string;
}

/** A signed request (RFC 8555, 6.2) with a P-256 key. Without payload it only asks (POST-as-GET). */
export function signedBody(signer: Signer, url: string, nonce: string, payload?: unknown): string {
  const { privateKey, accountURL } = signer;
  const known = accountURL ? { kid: accountURL } : { jwk: publicJwk(privateKey) };
  const input = signingInput({ alg: 'ES256', ...known, nonce, url }, payload);
  const signature = sign('sha256', Buffer.from(input.text), { key: privateKey, dsaEncoding: 'ieee-p1363' });
  return JSON.stringify({ ...input.parts, signature: signature.toString('base64url') });
}

/** What a new account shows of the one it is to be tied to. */
export function externalBinding({ kid, key }: ExternalAccount, privateKey: KeyObject, url: string): unknown {
  const input = signingInput({ alg: 'HS256', kid, url }, publicJwk(privateKey));
  const signature = createHmac('sha256', Buffer.from(key, 'base64url'))
    .update(input.text)
    .digest('base64url');
  return { ...input.parts, signature };
}

/** What proves that a token was answered by this account (RFC 8555, 8.1). */
export function keyAuthorization(token: string, privateKey: KeyObject): string {
  // The members in the order of their names, and nothing else (RFC 7638, 3): as publicJwk has them.
  const thumbprint = createHash('sha256')
    .update(JSON.stringify(publicJwk(privateKey)))
    .digest('base64url');
  return `${token}.${thumbprint}`;
}

function publicJwk(privateKey: KeyObject): { crv: string; kty: string; x: string; y: string } {
  const { crv = '', kty = '', x = '', y = '' } = createPublicKey(privateKey).export({ format: 'jwk' });
  return { crv, kty, x, y };
}

function signingInput(header: unknown, payload: unknown) {
  const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const parts = { protected: encode(header), payload: payload === undefined ? '' : encode(payload) };
  return { parts, text: `${parts.protected}.${parts.payload}` };
}
