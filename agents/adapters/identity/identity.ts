import { createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import type { PrivateKey } from '@libp2p/interface';
import type { RecordEnvelope } from '@libp2p/peer-record';
import { StatusError } from '../../../api/meta/status-error.ts';
import { Reason } from '../../../api/v1alpha1/reasons.ts';
import { peerIDOf, rawPublicKey } from './peer-id.ts';

/** Says what an envelope holds (RFC 0002); part of what is signed. */
const PAYLOAD_TYPE = new TextEncoder().encode('/peercompute/claims');

/** Loaded when first used: whoever only asks for the peer ID does not pay for libp2p. */
const later = {
  keys: () => import('@libp2p/crypto/keys'),
  envelopes: () => import('@libp2p/peer-record'),
};

/** An Ed25519 key, which is a libp2p peer: one per program and state directory. */
export interface Identity {
  readonly peerID: string;
  /** Signs `payload` into a libp2p signed envelope that opens only under the same domain. */
  seal(domain: string, payload: Uint8Array): Promise<Uint8Array>;
  /** The key as libp2p wants it: it proves the peer ID to the other end of a connection. */
  privateKey(): Promise<PrivateKey>;
}

/** A new identity that is kept nowhere. */
export function generateIdentity(): Identity {
  return identityOf(generateKeyPairSync('ed25519').privateKey);
}

/** @param key An Ed25519 private key. */
export function identityOf(key: KeyObject): Identity {
  let imported: Promise<PrivateKey> | undefined;
  const privateKey = () => (imported ??= importKey(key));
  return {
    peerID: peerIDOf(createPublicKey(key)),
    privateKey,
    seal: async (domain, payload) => {
      const { RecordEnvelope } = await later.envelopes();
      const record = { domain, codec: PAYLOAD_TYPE, marshal: () => payload, equals: () => false };
      return (await RecordEnvelope.seal(record, await privateKey())).marshal();
    },
  };
}

/**
 * Checks a signed envelope and answers who signed what. The caller limits its size.
 * Throws `Unauthorized` for every envelope that {@link Identity.seal} did not make under this domain.
 */
export async function openEnvelope(
  domain: string,
  bytes: Uint8Array,
): Promise<{ signer: string; payload: Uint8Array }> {
  const envelope = await decode(bytes);
  if (envelope.publicKey.type !== 'Ed25519') throw unauthorized('its signer has no Ed25519 key');
  if (Buffer.compare(envelope.payloadType, PAYLOAD_TYPE) !== 0) throw unauthorized('it holds no claims');
  // One encoding only: otherwise the same signature would vouch for many different envelopes.
  if (Buffer.compare(envelope.marshal(), bytes) !== 0) throw unauthorized('it is not in canonical form');
  if (!(await isGenuine(envelope, domain))) throw unauthorized('its signature is not valid here');
  return { signer: envelope.publicKey.toString(), payload: envelope.payload.subarray() };
}

async function decode(bytes: Uint8Array): Promise<RecordEnvelope> {
  const { RecordEnvelope } = await later.envelopes();
  try {
    return RecordEnvelope.createFromProtobuf(bytes);
  } catch {
    // The decoder's own words are about offsets and tags: nothing that a reader could act on.
    throw unauthorized('it cannot be decoded');
  }
}

async function isGenuine(envelope: RecordEnvelope, domain: string): Promise<boolean> {
  // A signature or key of the wrong length throws instead of failing to verify.
  return envelope.validate(domain).catch(() => false);
}

function unauthorized(why: string): StatusError {
  return new StatusError('Unauthorized', `the envelope was refused: ${why}`, {
    cause: Reason.SignatureInvalid,
  });
}

async function importKey(key: KeyObject): Promise<PrivateKey> {
  // Envelopes too: who connects will need them, perhaps when an update has replaced the files that they come from.
  const [{ privateKeyFromRaw }] = await Promise.all([later.keys(), later.envelopes()]);
  const seed = Buffer.from(key.export({ format: 'jwk' }).d ?? '', 'base64url');
  const imported = privateKeyFromRaw(Buffer.concat([seed, rawPublicKey(createPublicKey(key))]));
  // libp2p's own sign() imports the raw key anew for each signature, which takes as long as the signature.
  imported.sign = (message) => sign(null, message.subarray(), key);
  return imported;
}
