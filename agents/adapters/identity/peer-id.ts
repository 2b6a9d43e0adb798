import type { KeyObject } from 'node:crypto';

/**
 * Peer IDs without libp2p, whose import would triple the time that `peerctl identity` takes.
 * Source of the format: https://github.com/libp2p/specs/blob/master/peer-ids/peer-ids.md
 */

/** Identity multihash of 36 bytes: a protobuf of `Type: Ed25519` and `Data:` 32 bytes, which follow. */
const ED25519_PREFIX = Buffer.from('002408011220', 'hex');

const BASE58 = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';

/** Peer ID of an Ed25519 public key: base58 of the key itself, so that the ID alone verifies signatures. */
export function peerIDOf(publicKey: KeyObject): string {
  return base58(Buffer.concat([ED25519_PREFIX, rawPublicKey(publicKey)]));
}

/** The 32 bytes of an Ed25519 public key. */
export function rawPublicKey(publicKey: KeyObject): Buffer {
  return Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url');
}

function base58(bytes: Buffer): string {
  let digits = '';
  for (let rest = BigInt(`0x${bytes.toString('hex')}`); rest > 0n; rest /= 58n)
    digits = BASE58.charAt(Number(rest % 58n)) + digits;
  const leadingZeros = bytes.findIndex((byte) => byte !== 0);
  return '1'.repeat(leadingZeros) + digits;
}
