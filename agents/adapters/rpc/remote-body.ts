import type { Schema } from '../../../api/protocol/claims.ts';
import { decode } from '../../../api/scheme.ts';
import { describeErrors, incompatible } from './errors.ts';
import { decodeJson } from './json.ts';

/** What a peer said, in our words. @throws StatusError with cause `IncompatibleVersion`. */
export function understand<T>(schema: Schema<T>, bytes: Uint8Array, peerID: string): T {
  const decoded = decode(schema, parse(bytes, peerID));
  if (decoded.ok) return decoded.value;
  throw incompatible(peerID, `what we do not understand: ${describeErrors(decoded.errors)}`);
}

function parse(bytes: Uint8Array, peerID: string): unknown {
  try {
    return decodeJson(bytes);
  } catch (error) {
    throw incompatible(peerID, `what is not JSON: ${(error as Error).message}`);
  }
}
