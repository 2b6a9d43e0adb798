import { createPublicKey } from 'node:crypto';
import { toCredential } from './credential.ts';
import { serverExtensions } from './x509/extensions.ts';
import { newKey, signCertificate, toPem } from './x509/sign.ts';

const DAY_MS = 86_400_000;

function pairFor(names: string[]) {
  const privateKey = newKey();
  const publicKey = createPublicKey(privateKey);
  const init = { subject: 'test', publicKey, issuer: { name: 'test', privateKey } };
  const chain = signCertificate({
    ...init,
    notBefore: 0,
    notAfter: DAY_MS,
    extensions: serverExtensions(publicKey, names),
  });
  return { chain, key: toPem(privateKey) };
}

describe('a pair of certificate and key', () => {
  it('tells its names and its life', () => {
    const credential = toCredential(pairFor(['A.example.com', '*.b.example.com']));
    expect(credential).toMatchObject({
      names: ['a.example.com', '*.b.example.com'],
      notBefore: 0,
      notAfter: DAY_MS,
    });
  });

  const good = pairFor(['a.example.com']);
  it.each([
    [
      'another key',
      { ...good, key: pairFor(['a.example.com']).key },
      'the key is not that of the certificate',
    ],
    ['no key', { ...good, key: '' }, 'the key is damaged, encrypted or not PEM'],
    ['a key cut short', { ...good, key: good.key.slice(0, 100) }, 'the key is damaged, encrypted or not PEM'],
    ['no certificate', { ...good, chain: 'nothing' }, 'the certificate is damaged or not PEM'],
    ['no names', pairFor([]), 'the certificate names no host'],
  ])('is refused with %s', (_, pair, why) => {
    expect(() => toCredential(pair)).toThrow(new Error(why));
  });
});
