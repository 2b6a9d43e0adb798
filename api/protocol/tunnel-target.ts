import * as z from 'zod/mini';
import { object, required } from '../meta/schema.ts';
import { decode } from '../scheme.ts';
import { peerID } from '../v1alpha1/fields.ts';

/** What a gateway asks for at the beginning of a stream in a tunnel: nothing that a visitor could have a say in. */
const target = object(() => ({
  owner: required(peerID, 'Who signed the Deployment.'),
  uid: required(z.uuid(), 'Uid of the Deployment.'),
}));

export type TunnelTarget = z.infer<typeof target>;

/** Both members have a fixed length. */
const MAX_BYTES = 256;

export function encodeTarget({ owner, uid }: TunnelTarget): Uint8Array {
  return Buffer.from(JSON.stringify({ owner, uid }));
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
