import {
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  sign,
  X509Certificate,
} from 'node:crypto';
import { encodeDer, Tag } from '../../../adapters/transport/tunnel/tls/der.ts';
import { subjectAltName } from './extensions.ts';

const ECDSA_WITH_SHA256 = encodeDer(
  Tag.sequence,
  encodeDer(Tag.objectIdentifier, Buffer.from('2a8648ce3d040302', 'hex')),
);
const COMMON_NAME = encodeDer(Tag.objectIdentifier, Buffer.from('550403', 'hex'));
const EXTENSION_REQUEST = encodeDer(Tag.objectIdentifier, Buffer.from('2a864886f70d01090e', 'hex'));

/** X.509 version 3 and PKCS#10 version 1, which are written one less. */
const VERSION_3 = encodeDer(Tag.context0, encodeDer(Tag.integer, Uint8Array.of(2)));
const VERSION_1 = encodeDer(Tag.integer, Uint8Array.of(0));

/** From 2050 on a year needs four digits (RFC 5280, 4.1.2.5). */
const YEAR_2050 = Date.UTC(2050, 0);

export interface CertificateInit {
  subject: string;
  publicKey: KeyObject;
  issuer: { name: string; privateKey: KeyObject };
  /** Milliseconds since the epoch. */
  notBefore: number;
  notAfter: number;
  extensions: readonly Buffer[];
}

/** A new private key: ECDSA P-256, which every client knows and no server finds slow. */
export function newKey(): KeyObject {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
}

export function toPem(privateKey: KeyObject): string {
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}

/** A certificate in PEM. */
export function signCertificate(init: CertificateInit): string {
  const body = encodeDer(
    Tag.sequence,
    VERSION_3,
    serialNumber(),
    ECDSA_WITH_SHA256,
    distinguishedName(init.issuer.name),
    encodeDer(Tag.sequence, time(init.notBefore), time(init.notAfter)),
    distinguishedName(init.subject),
    spki(init.publicKey),
    encodeDer(Tag.context3, encodeDer(Tag.sequence, ...init.extensions)),
  );
  return new X509Certificate(signed(body, init.issuer.privateKey)).toString();
}

/** A request for a certificate (RFC 2986) with these names, as DER. Who it is stands in the names alone. */
export function signRequest(names: readonly string[], privateKey: KeyObject): Buffer {
  const extensions = encodeDer(Tag.sequence, subjectAltName(names));
  const attribute = encodeDer(Tag.sequence, EXTENSION_REQUEST, encodeDer(Tag.set, extensions));
  const subject = encodeDer(Tag.sequence);
  const body = [VERSION_1, subject, spki(createPublicKey(privateKey)), encodeDer(Tag.context0, attribute)];
  return signed(encodeDer(Tag.sequence, ...body), privateKey);
}

function signed(body: Buffer, privateKey: KeyObject): Buffer {
  // A bit string says first how many bits of its last byte are unused.
  const signature = encodeDer(Tag.bitString, Uint8Array.of(0), sign('sha256', body, privateKey));
  return encodeDer(Tag.sequence, body, ECDSA_WITH_SHA256, signature);
}

/** Positive, and in its shortest form: the first byte is neither zero nor above 0x7f. */
function serialNumber(): Buffer {
  return encodeDer(Tag.integer, Uint8Array.of(0x40), randomBytes(15));
}

function distinguishedName(commonName: string): Buffer {
  const attribute = encodeDer(Tag.sequence, COMMON_NAME, encodeDer(Tag.utf8String, Buffer.from(commonName)));
  return encodeDer(Tag.sequence, encodeDer(Tag.set, attribute));
}

function time(milliseconds: number): Buffer {
  const digits = new Date(milliseconds).toISOString().replace(/\.\d+|[-:T]/g, '');
  return milliseconds < YEAR_2050
    ? encodeDer(Tag.utcTime, Buffer.from(digits.slice(2)))
    : encodeDer(Tag.generalizedTime, Buffer.from(digits));
}

function spki(publicKey: KeyObject): Buffer {
  return publicKey.export({ type: 'spki', format: 'der' });
}
