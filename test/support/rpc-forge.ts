import type { Identity } from '../../agents/adapters/identity/identity.ts';
import { hashOf } from '../../agents/adapters/rpc/envelope.ts';
import { encodeJson } from '../../agents/adapters/rpc/json.ts';
import { encodeMessage } from '../../agents/adapters/rpc/message.ts';
import { newNonce } from '../../agents/adapters/rpc/request.ts';
import { canonicalJson } from '../../api/meta/canonical.ts';
import { ENVELOPE_LIFETIME_MS } from '../../api/protocol/limits.ts';
import { REQUEST_DOMAIN } from '../../api/protocol/protocols.ts';

/** Who signs a message for whom, and when. */
export interface Sender {
  identity: Identity;
  audience: string;
  /** Milliseconds since the epoch. */
  now: number;
}

/** What is different about a message from the honest one. */
export interface Forgery {
  domain?: string;
  claims?: Record<string, unknown>;
  /** Signed instead of claims. */
  payload?: Uint8Array;
  body?: unknown;
  /** Sent instead of the body that was signed. */
  sentBody?: Uint8Array;
  /** Changes the envelope after it was signed. */
  tamper?(envelope: Uint8Array): Uint8Array;
}

const GET = { verb: 'get', kind: 'Deployment', namespace: 'default', name: 'web' };

/** The bytes of a `get`, unless told otherwise; an answer when `re` is claimed. */
export async function forge({ identity, audience, now }: Sender, forgery: Forgery = {}): Promise<Uint8Array> {
  const body = encodeJson(forgery.body ?? {});
  const claims = {
    iss: identity.peerID,
    aud: audience,
    iat: now,
    exp: now + ENVELOPE_LIFETIME_MS,
    seq: 0,
    bodyHash: hashOf(body),
    ...(forgery.claims?.re === undefined && { nonce: newNonce(), ...GET }),
    ...forgery.claims,
  };
  const payload = forgery.payload ?? new TextEncoder().encode(canonicalJson(claims));
  const envelope = await identity.seal(forgery.domain ?? REQUEST_DOMAIN, payload);
  return encodeMessage({
    envelope: forgery.tamper?.(envelope) ?? envelope,
    body: forgery.sentBody ?? body,
  });
}

/** Claims of a message that was signed `offset` milliseconds from `now`. */
export function signedAt(now: number, offset: number, lifetime: number = ENVELOPE_LIFETIME_MS): Forgery {
  const iat = now + offset;
  return { claims: { iat, exp: iat + lifetime } };
}

/** The same bytes with one bit turned. */
export function flipBit(bytes: Uint8Array, bit: number): Uint8Array {
  const copy = bytes.slice();
  const at = (bit >> 3) % copy.length;
  copy[at] = (copy[at] ?? 0) ^ (1 << (bit & 7));
  return copy;
}
