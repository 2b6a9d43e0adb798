import { createHash, type KeyObject } from 'node:crypto';
import { encodeDer, Tag } from '../../../adapters/transport/tunnel/tls/der.ts';

/*
 * The extensions of our certificates (RFC 5280, 4.2), each as the DER of one Extension.
 */

/** Tags of choices and optional members; which is meant depends on where they stand. */
const CONTEXT = { primitive0: 0x80, primitive2: 0x82, primitive7: 0x87, list0: 0xa0, list1: 0xa1 } as const;

/** Object identifiers: those below 2.5.29 (0x55 0x1d) are of two arcs more. */
const ID = {
  subjectKeyIdentifier: '551d0e',
  keyUsage: '551d0f',
  subjectAltName: '551d11',
  basicConstraints: '551d13',
  nameConstraints: '551d1e',
  authorityKeyIdentifier: '551d23',
  extendedKeyUsage: '551d25',
  serverAuth: '2b06010505070301',
  acmeIdentifier: '2b0601050507011f',
} as const;

/** Bits of keyUsage, the first one highest, as a BIT STRING: how many bits are unused, then the bits. */
const DIGITAL_SIGNATURE = Uint8Array.of(7, 0x80);
const SIGN_CERTIFICATES_AND_LISTS = Uint8Array.of(1, 0x06);

/** Every address: base and mask of zeros, of IPv4 and of IPv6. */
const ALL_ADDRESSES = [Buffer.alloc(8), Buffer.alloc(32)];

const TRUE = encodeDer(Tag.boolean, Uint8Array.of(0xff));
const SERVER_AUTH = extension(
  ID.extendedKeyUsage,
  false,
  encodeDer(Tag.sequence, objectIdentifier(ID.serverAuth)),
);

/** May sign certificates of servers, but no further authority. */
export function authorityExtensions(publicKey: KeyObject, permitted: readonly string[]): Buffer[] {
  const noFurther = encodeDer(Tag.integer, Uint8Array.of(0));
  return [
    extension(ID.basicConstraints, true, encodeDer(Tag.sequence, TRUE, noFurther)),
    extension(ID.keyUsage, true, encodeDer(Tag.bitString, SIGN_CERTIFICATES_AND_LISTS)),
    SERVER_AUTH,
    nameConstraints(permitted),
    extension(ID.subjectKeyIdentifier, false, encodeDer(Tag.octetString, keyIdentifier(publicKey))),
  ];
}

/** Is a server with these names. */
export function serverExtensions(issuerKey: KeyObject, names: readonly string[]): Buffer[] {
  const issuer = encodeDer(CONTEXT.primitive0, keyIdentifier(issuerKey));
  return [
    extension(ID.basicConstraints, true, encodeDer(Tag.sequence)),
    extension(ID.keyUsage, true, encodeDer(Tag.bitString, DIGITAL_SIGNATURE)),
    SERVER_AUTH,
    subjectAltName(names),
    extension(ID.authorityKeyIdentifier, false, encodeDer(Tag.sequence, issuer)),
  ];
}

export function subjectAltName(names: readonly string[]): Buffer {
  const entries = names.map((name) => encodeDer(CONTEXT.primitive2, Buffer.from(name, 'ascii')));
  return extension(ID.subjectAltName, false, encodeDer(Tag.sequence, ...entries));
}

/** Proves control of a name over TLS-ALPN-01 (RFC 8737, 3). */
export function acmeIdentifier(keyAuthorization: string): Buffer {
  const digest = createHash('sha256').update(keyAuthorization).digest();
  return extension(ID.acmeIdentifier, true, encodeDer(Tag.octetString, digest));
}

/**
 * Which names it may sign for: these domains with everything below them. A list of permitted names says nothing about
 * addresses, so those are excluded by name.
 */
function nameConstraints(permitted: readonly string[]): Buffer {
  const subtree = (tag: number, base: Uint8Array) => encodeDer(Tag.sequence, encodeDer(tag, base));
  const domains = permitted.map((domain) => subtree(CONTEXT.primitive2, Buffer.from(domain, 'ascii')));
  const addresses = ALL_ADDRESSES.map((range) => subtree(CONTEXT.primitive7, range));
  const constraints = encodeDer(
    Tag.sequence,
    encodeDer(CONTEXT.list0, ...domains),
    encodeDer(CONTEXT.list1, ...addresses),
  );
  return extension(ID.nameConstraints, true, constraints);
}

function extension(id: string, critical: boolean, value: Uint8Array): Buffer {
  const flag = critical ? [TRUE] : [];
  return encodeDer(Tag.sequence, objectIdentifier(id), ...flag, encodeDer(Tag.octetString, value));
}

function objectIdentifier(hex: string): Buffer {
  return encodeDer(Tag.objectIdentifier, Buffer.from(hex, 'hex'));
}

/** Any value that is unique to the key will do (RFC 7093): 160 bits of a hash of it. */
function keyIdentifier(key: KeyObject): Buffer {
  const spki = key.export({ type: 'spki', format: 'der' });
  return createHash('sha256').update(spki).digest().subarray(0, 20);
}
