import { constants, createHmac, createPrivateKey, X509Certificate } from 'node:crypto';
import { createSecureContext, type SecureContext } from 'node:tls';
import { hostNames } from './names.ts';

/** A certificate with those that vouch for it, leaf first, and its private key, all PEM. */
export interface Pair {
  chain: string;
  key: string;
}

/** A pair that is fit to be served. */
export interface Credential extends Pair {
  /** In lower case; one may begin with `*.`. */
  names: readonly string[];
  /** Milliseconds since the epoch. */
  notBefore: number;
  notAfter: number;
  context: SecureContext;
}

/**
 * Forward secrecy and authenticated encryption only: what TLS 1.2 has of these, and all of TLS 1.3. AES-128 goes first,
 * as processors have it in hardware, unless a client that has not prefers ChaCha20.
 */
const CIPHERS = [
  'TLS_AES_128_GCM_SHA256',
  'TLS_CHACHA20_POLY1305_SHA256',
  'TLS_AES_256_GCM_SHA384',
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-CHACHA20-POLY1305',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
].join(':');

/**
 * @param sessionSecret Lets visitors resume at each process that has the same what they began at another. Default: only here.
 * @throws Error with a clause that says why it cannot be served; it never quotes the key.
 */
export function toCredential({ chain, key }: Pair, sessionSecret?: Uint8Array): Credential {
  const leaf = readLeaf(chain);
  if (!leaf.checkPrivateKey(readKey(key))) throw new Error('the key is not that of the certificate');
  const names = hostNames(leaf.subjectAltName);
  if (names.length === 0) throw new Error('the certificate names no host');
  const [notBefore, notAfter] = [leaf.validFromDate.getTime(), leaf.validToDate.getTime()];
  return { chain, key, names, notBefore, notAfter, context: toContext({ chain, key }, sessionSecret) };
}

export function toContext({ chain, key }: Pair, sessionSecret?: Uint8Array): SecureContext {
  // 48 bytes, other ones for each certificate: what one host name has granted is nothing to another.
  const ticketKeys = sessionSecret && createHmac('sha384', sessionSecret).update(chain).digest();
  return createSecureContext({
    cert: chain,
    key,
    ...(ticketKeys && { ticketKeys }),
    minVersion: 'TLSv1.2',
    ciphers: CIPHERS,
    honorCipherOrder: true,
    secureOptions: constants.SSL_OP_PRIORITIZE_CHACHA,
  });
}

/** The first certificate of a chain. @throws Error with a clause that says why there is none. */
export function readLeaf(chain: string): X509Certificate {
  try {
    return new X509Certificate(chain);
  } catch {
    // OpenSSL's own words name its routines, not the fault.
    throw new Error('the certificate is damaged or not PEM');
  }
}

function readKey(key: string) {
  try {
    return createPrivateKey(key);
  } catch {
    // As above; and nothing of what was given belongs into a message.
    throw new Error('the key is damaged, encrypted or not PEM');
  }
}
