import { createPublicKey } from 'node:crypto';
import type { SecureContext } from 'node:tls';
import { toContext } from './credential.ts';
import { acmeIdentifier, subjectAltName } from './x509/extensions.ts';
import { newKey, signCertificate, toPem } from './x509/sign.ts';

/** What a CA asks of a host name, and what convinces it (RFC 8555, 8). */
export interface Challenge {
  type: 'http-01' | 'tls-alpn-01';
  host: string;
  token: string;
  keyAuthorization: string;
}

/** The CA looks at the names and the digest, not at the time; nobody else should meet this certificate. */
const NAME = 'ACME challenge';
const NOT_BEFORE = Date.UTC(2020, 0);
const NOT_AFTER = Date.UTC(2049, 0);

/** What a TLS-ALPN-01 handshake is answered with (RFC 8737, 3): a certificate of the moment. */
export function challengeContext({ host, keyAuthorization }: Challenge): SecureContext {
  const privateKey = newKey();
  const chain = signCertificate({
    subject: NAME,
    issuer: { name: NAME, privateKey },
    publicKey: createPublicKey(privateKey),
    notBefore: NOT_BEFORE,
    notAfter: NOT_AFTER,
    extensions: [subjectAltName([host]), acmeIdentifier(keyAuthorization)],
  });
  return toContext({ chain, key: toPem(privateKey) });
}
