import { createPublicKey, X509Certificate } from 'node:crypto';
import fc from 'fast-check';
import { serverExtensions } from './extensions.ts';
import { renewalIdentifier } from './identifier.ts';
import { newKey, signCertificate, signRequest } from './sign.ts';

const key = newKey();
const publicKey = createPublicKey(key);

function certificate(notBefore: number, notAfter: number, names = ['example.com', '*.example.com']) {
  const extensions = serverExtensions(publicKey, names);
  const issuer = { name: 'an issuer', privateKey: key };
  return new X509Certificate(
    signCertificate({ subject: 'a subject', publicKey, issuer, notBefore, notAfter, extensions }),
  );
}

/** Made by OpenSSL with the serial number 0x87654321, whose first bit is set. */
const BY_OPENSSL = `-----BEGIN CERTIFICATE-----
MIIBUzCB+qADAgECAgUAh2VDITAKBggqhkjOPQQDAjANMQswCQYDVQQDDAJjYTAe
Fw0yNjExMjIxOTQzMzdaFw0zNjExMTkxOTQzMzdaMBIxEDAOBgNVBAMMB2V4YW1w
bGUwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAATLFTnONfg7TJ+bAD21rjfgnmNm
/f39t9eI7h0GVD8ev867YzhiA1wdzySYL/9ChqASifgP2BAQgVoaJentBccso0Iw
QDAfBgNVHSMEGDAWgBR4D9QvskZ/MsTFAkPg+tYVNaa+FTAdBgNVHQ4EFgQUZT3N
BTen/Fo59AtW4J6i6/WROZ8wCgYIKoZIzj0EAwIDSAAwRQIgHFbJk1HRreQl44V2
3jFXWu/E5e+yBp2DvW6M2tlr6qQCIQD/c4xMvug6IsNJbPruh0m/5pcyFdlhRgBB
Yc3g9bLd+g==
-----END CERTIFICATE-----`;

describe('a certificate of ours', () => {
  it('says what it was to say, to OpenSSL', () => {
    const made = certificate(Date.UTC(2030, 0), Date.UTC(2030, 3));
    expect(made.subjectAltName).toBe('DNS:example.com, DNS:*.example.com');
    expect([made.subject, made.issuer]).toEqual(['CN=a subject', 'CN=an issuer']);
    expect(made.ca).toBe(false);
    expect(made.verify(publicKey)).toBe(true);
    expect(made.checkHost('x.example.com')).toBe('*.example.com');
    expect(made.toLegacyObject().ext_key_usage).toEqual(['1.3.6.1.5.5.7.3.1']);
  });

  it('is valid from and to any second of five centuries', () => {
    const second = fc.integer({ min: Date.UTC(1970, 0) / 1000, max: Date.UTC(2470, 0) / 1000 });
    fc.assert(
      fc.property(second, second, (from, to) => {
        const made = certificate(from * 1000, to * 1000);
        expect([made.validFromDate.getTime(), made.validToDate.getTime()]).toEqual([from * 1000, to * 1000]);
      }),
      { numRuns: 50 },
    );
  });

  it('bears many names', () => {
    const names = Array.from({ length: 100 }, (_, index) => `${'label'.repeat(10)}${index}.example.com`);
    expect(certificate(0, 1000, names).subjectAltName?.split(', ')).toHaveLength(100);
  });
});

it('a request carries its names', () => {
  const request = signRequest(['example.com', '*.example.com'], key);
  for (const name of ['example.com', '*.example.com']) expect(request.includes(name)).toBe(true);
});

describe('what a CA calls a certificate for its renewal', () => {
  it('is its issuer and its serial number, with the zero before a first bit that is set', () => {
    const issuer = Buffer.from('780fd42fb2467f32c4c50243e0fad61535a6be15', 'hex').toString('base64url');
    expect(renewalIdentifier(new X509Certificate(BY_OPENSSL))).toBe(`${issuer}.AIdlQyE`);
  });

  it('agrees with what OpenSSL reads', () => {
    const made = certificate(0, 1000);
    const serial = Buffer.from(made.serialNumber, 'hex').toString('base64url');
    expect(renewalIdentifier(made)?.split('.')[1]).toBe(serial);
  });
});
