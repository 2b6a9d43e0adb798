import { createPublicKey, type KeyObject, verify, type X509Certificate } from 'node:crypto';
import type { Identity } from '../../../identity/identity.ts';
import { peerIDOf } from '../../../identity/peer-id.ts';
import { type DerValue, decodeDer, encodeDer, Tag } from './der.ts';

/*
 * The libp2p public key extension: what makes a certificate prove a peer ID.
 * Source of the rules: https://github.com/libp2p/specs/blob/master/tls/tls.md
 */

/** 1.3.6.1.4.1.53594.1.1 */
const EXTENSION_ID = Buffer.from('2b0601040183a25a0101', 'hex');

/** What the peer's key signs, before the public key of the certificate. */
const PREFIX = Buffer.from('libp2p-tls-handshake:');

/** A protobuf of `Type: Ed25519` and `Data:` 32 bytes, which follow. */
const ED25519_PREFIX = Buffer.from('08011220', 'hex');
const ED25519_BYTES = 32;

/** The extension, for a certificate with this key. Critical: who does not know it should not trust the rest. */
export async function peerExtension(identity: Identity, certificateKey: KeyObject): Promise<Buffer> {
  const key = await identity.privateKey();
  const proof = encodeDer(
    Tag.sequence,
    encodeDer(Tag.octetString, ED25519_PREFIX, key.publicKey.raw),
    encodeDer(Tag.octetString, await key.sign(signedBytes(certificateKey))),
  );
  return encodeDer(
    Tag.sequence,
    encodeDer(Tag.objectIdentifier, EXTENSION_ID),
    encodeDer(Tag.boolean, Uint8Array.of(0xff)),
    encodeDer(Tag.octetString, proof),
  );
}

/**
 * The peer ID that a certificate proves: it is signed by its own key, and its extension, over that key, by the peer's.
 * @throws Error with a clause that says why it proves none.
 */
export function provenPeerID(certificate: X509Certificate, now: number): string {
  if (now < certificate.validFromDate.getTime() || now > certificate.validToDate.getTime())
    throw new Error('its certificate has expired, or one of the two clocks is wrong');
  if (!certificate.verify(certificate.publicKey)) throw new Error('its certificate is not signed by itself');
  const [key, signature] = proofIn(certificate);
  const peerKey = ed25519Key(key);
  if (!verify(null, signedBytes(certificate.publicKey), peerKey, signature))
    throw new Error('its certificate was not signed by the peer it names');
  return peerIDOf(peerKey);
}

function signedBytes(certificateKey: KeyObject): Buffer {
  return Buffer.concat([PREFIX, certificateKey.export({ type: 'spki', format: 'der' })]);
}

/** Key and signature, as the extension holds them. */
function proofIn(certificate: X509Certificate): [key: Buffer, signature: Buffer] {
  const extensions = extensionsOf(certificate).map(({ content }) => decodeDer(content));
  const isOurs = ([id]: DerValue[]) => id?.content.equals(EXTENSION_ID);
  if (extensions.some((members) => !isOurs(members) && members.some(({ tag }) => tag === Tag.boolean)))
    throw new Error('its certificate has a critical extension that is not known here');
  const proof = decodeDer(extensions.find(isOurs)?.at(-1)?.content ?? Buffer.alloc(0))[0];
  const [key, signature] = proof?.tag === Tag.sequence ? decodeDer(proof.content) : [];
  if (!key || !signature) throw new Error('its certificate names no peer');
  return [key.content, signature.content];
}

function extensionsOf(certificate: X509Certificate): DerValue[] {
  const [whole] = decodeDer(certificate.raw);
  const [body] = decodeDer(whole?.content ?? Buffer.alloc(0));
  const members = decodeDer(body?.content ?? Buffer.alloc(0));
  const extensions = members.find(({ tag }) => tag === Tag.context3);
  return decodeDer(extensions?.content ?? Buffer.alloc(0)).flatMap(({ content }) => decodeDer(content));
}

function ed25519Key(encoded: Buffer): KeyObject {
  const raw = encoded.subarray(ED25519_PREFIX.length);
  if (!encoded.subarray(0, ED25519_PREFIX.length).equals(ED25519_PREFIX) || raw.length !== ED25519_BYTES)
    throw new Error('its certificate names a peer whose key is not Ed25519');
  const jwk = { kty: 'OKP', crv: 'Ed25519', x: raw.toString('base64url') };
  return createPublicKey({ key: jwk, format: 'jwk' });
}
