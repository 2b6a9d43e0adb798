import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import type { Identity } from '../../../identity/identity.ts';
import { encodeDer, Tag } from './der.ts';
import { peerExtension } from './peer-extension.ts';

/** A certificate and its private key, both PEM. */
export interface Certificate {
  cert: string;
  key: string;
}

const ECDSA_WITH_SHA256 = encodeDer(
  Tag.sequence,
  encodeDer(Tag.objectIdentifier, Buffer.from('2a8648ce3d040302', 'hex')),
);

/** A common name that says nothing: who it is stands in the extension. */
const NAME = encodeDer(
  Tag.sequence,
  encodeDer(
    Tag.set,
    encodeDer(
      Tag.sequence,
      encodeDer(Tag.objectIdentifier, Buffer.from('550403', 'hex')),
      encodeDer(Tag.utf8String, Buffer.from('peercompute')),
    ),
  ),
);

/** Always: an identity does not expire, and laptops' clocks are wrong. The end of time is that of RFC 5280. */
const VALIDITY = encodeDer(
  Tag.sequence,
  encodeDer(Tag.utcTime, Buffer.from('700101000000Z')),
  encodeDer(Tag.generalizedTime, Buffer.from('99991231235959Z')),
);

/** Version 3, which is written as 2. */
const VERSION = encodeDer(Tag.context0, encodeDer(Tag.integer, Uint8Array.of(2)));

/** A new certificate with a key of its own that proves the identity to another libp2p peer. */
export async function createCertificate(identity: Identity): Promise<Certificate> {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const body = encodeDer(
    Tag.sequence,
    VERSION,
    serialNumber(),
    ECDSA_WITH_SHA256,
    NAME,
    VALIDITY,
    NAME,
    publicKey.export({ type: 'spki', format: 'der' }),
    encodeDer(Tag.context3, encodeDer(Tag.sequence, await peerExtension(identity, publicKey))),
  );
  return {
    cert: pem(encodeDer(Tag.sequence, body, ECDSA_WITH_SHA256, signatureOf(body, privateKey))),
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}

/** Positive, and in its shortest form: the first byte is neither zero nor above 0x7f. */
function serialNumber(): Buffer {
  return encodeDer(Tag.integer, Uint8Array.of(0x40), randomBytes(15));
}

function signatureOf(body: Buffer, key: KeyObject): Buffer {
  // A bit string says first how many bits of its last byte are unused.
  return encodeDer(Tag.bitString, Uint8Array.of(0), sign('sha256', body, key));
}

function pem(der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n');
}
