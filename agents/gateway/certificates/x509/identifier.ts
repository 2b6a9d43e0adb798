import type { X509Certificate } from 'node:crypto';
import { type DerValue, decodeDer, Tag } from '../../../adapters/transport/tunnel/tls/der.ts';

/** 2.5.29.35 */
const AUTHORITY_KEY_IDENTIFIER = Buffer.from('551d23', 'hex');

/** The member of AuthorityKeyIdentifier that is the key's. */
const KEY_IDENTIFIER = 0x80;

/**
 * What a CA that offers renewal information calls a certificate (RFC 9773, 4.1): its issuer's key and its serial
 * number. Undefined where it does not name its issuer's key.
 */
export function renewalIdentifier(certificate: X509Certificate): string | undefined {
  const members = inside(inside(decodeDer(certificate.raw)[0])[0]);
  const serial = members.find(({ tag }) => tag === Tag.integer)?.content;
  const extensions = inside(inside(members.find(({ tag }) => tag === Tag.context3))[0]).map(inside);
  const authority = extensions.find(([id]) => id?.content.equals(AUTHORITY_KEY_IDENTIFIER))?.at(-1);
  const key = inside(inside(authority)[0]).find(({ tag }) => tag === KEY_IDENTIFIER)?.content;
  return key && serial && `${key.toString('base64url')}.${serial.toString('base64url')}`;
}

function inside(value: DerValue | undefined): DerValue[] {
  return value ? decodeDer(value.content) : [];
}
