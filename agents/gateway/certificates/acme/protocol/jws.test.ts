import { createHash, createHmac, createPublicKey, verify } from 'node:crypto';
import { newKey } from '../../x509/sign.ts';
import { externalBinding, keyAuthorization, signedBody } from './jws.ts';

interface Jws {
  protected: string;
  payload: string;
  signature: string;
}

const privateKey = newKey();
const jwk = createPublicKey(privateKey).export({ format: 'jwk' });
const decode = (text: string) => JSON.parse(Buffer.from(text, 'base64url').toString());

describe('a signed request', () => {
  it.each([
    ['by its account', 'https://ca/account/1', { kid: 'https://ca/account/1' }],
    ['by its key, before there is an account', undefined, { jwk }],
  ])('is signed %s', (_, accountURL, known) => {
    const jws: Jws = JSON.parse(
      signedBody({ privateKey, accountURL }, 'https://ca/order', 'nonce', { a: 1 }),
    );
    expect(decode(jws.protected)).toEqual({
      alg: 'ES256',
      nonce: 'nonce',
      url: 'https://ca/order',
      ...known,
    });
    expect(decode(jws.payload)).toEqual({ a: 1 });
    const key = { key: createPublicKey(privateKey), dsaEncoding: 'ieee-p1363' } as const;
    const text = Buffer.from(`${jws.protected}.${jws.payload}`);
    expect(verify('sha256', text, key, Buffer.from(jws.signature, 'base64url'))).toBe(true);
  });

  it('has an empty payload when it only asks, and an object when it says nothing', () => {
    expect(JSON.parse(signedBody({ privateKey }, 'https://ca', 'nonce')).payload).toBe('');
    expect(decode(JSON.parse(signedBody({ privateKey }, 'https://ca', 'nonce', {})).payload)).toEqual({});
  });

  it('proves a token by the thumbprint of its key', () => {
    const canonical = `{"crv":"P-256","kty":"EC","x":"${jwk.x}","y":"${jwk.y}"}`;
    const thumbprint = createHash('sha256').update(canonical).digest('base64url');
    expect(keyAuthorization('token', privateKey)).toBe(`token.${thumbprint}`);
  });

  it('ties an account to another by its key', () => {
    const key = Buffer.from('a shared key').toString('base64url');
    const jws = externalBinding({ kid: 'kid-1', key }, privateKey, 'https://ca/new') as Jws;
    expect(decode(jws.protected)).toEqual({ alg: 'HS256', kid: 'kid-1', url: 'https://ca/new' });
    expect(decode(jws.payload)).toEqual(jwk);
    const mac = createHmac('sha256', 'a shared key')
      .update(`${jws.protected}.${jws.payload}`)
      .digest('base64url');
    expect(jws.signature).toBe(mac);
  });
});
