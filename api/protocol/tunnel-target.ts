import * as z from 'zod/mini';
import { matching, object, optional, required } from '../meta/schema.ts';
import { decode } from '../scheme.ts';
import { peerID } from '../v1alpha1/fields.ts';

/** 128 bits, as base64url. */
export const SESSION = /^[\w-]{22}$/;

/** What a gateway asks for at the beginning of a stream in a tunnel: a visitor has a say in nothing but which replica it stays with. */
const target = object(() => ({
  owner: required(peerID, 'Who signed the Deployment.'),
  uid: required(z.uuid(), 'Uid of the Deployment.'),
  session: optional(
    matching(SESSION, 'must be 128 bits, as base64url'),
    'Whoever has the same one gets the same replica. Default: the one with the least to do.',
  ),
}));

export type TunnelTarget = z.infer<typeof target>;

/** Every member has a length of its own. */
const MAX_BYTES = 256;

export function encodeTarget({ owner, uid, session }: TunnelTarget): Uint8Array {
  return Buffer.from(JSON.stringify({ owner, uid, session }));
}

/** Undefined for anything that {@link encodeTarget} does not make. */
export function decodeTarget(bytes: Uint8Array): TunnelTarget | undefined {
  if (bytes.length > MAX_BYTES) return undefined;
  try {
    const decoded = decode(target, JSON.parse(Buffer.from(bytes).toString()));
    return decoded.ok ? decoded.value : undefined;
  } catch {
    return undefined; // It is not JSON.
  }
}
