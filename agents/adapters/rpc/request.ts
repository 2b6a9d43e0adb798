import { randomBytes } from 'node:crypto';
import { StatusError } from '../../../api/meta/status-error.ts';
import type { RequestClaims, Schema } from '../../../api/protocol/claims.ts';
import { MAX_REQUEST_ITEMS } from '../../../api/protocol/limits.ts';
import { decode } from '../../../api/scheme.ts';
import type { Clock } from '../../../controllers/ports/clock.ts';
import { checkAudience, checkBody, checkSequence, checkTimes } from './envelope.ts';
import { describeErrors } from './errors.ts';
import { decodeJson } from './json.ts';
import type { ReplayGuard } from './replay-guard.ts';
import type { SignedMessage } from './signed-reader.ts';
import type { Signer } from './signed-writer.ts';

/** A request whose signature is good. */
export type SignedRequest = SignedMessage<RequestClaims>;

export interface RequestChecks {
  identity: Pick<Signer, 'peerID'>;
  clock: Clock;
  replayGuard: ReplayGuard;
}

/** 128 random bits: two requests never share them. */
export function newNonce(): string {
  return randomBytes(16).toString('base64url');
}

/**
 * Everything that makes a signed request acceptable, in this order.
 * @throws StatusError with one cause for each.
 */
export async function checkRequest(request: SignedRequest, checks: RequestChecks): Promise<void> {
  const { claims, body, position } = request;
  checkAudience(claims, checks.identity.peerID);
  checkTimes(claims, checks.clock.now());
  checkSequence(claims, position);
  await checks.replayGuard.admit(claims);
  checkBody(claims, body);
}

/** @throws StatusError `BadRequest` when the body is not of this shape. */
export function readBody<T>(schema: Schema<T>, body: Uint8Array, version: string): T {
  const decoded = decode(schema, parse(body));
  if (decoded.ok) return decoded.value;
  const message = `the request was not understood: ${describeErrors(decoded.errors)}`;
  throw new StatusError('BadRequest', `${message} (this peer runs version ${version})`);
}

function parse(body: Uint8Array): unknown {
  try {
    return decodeJson(body, MAX_REQUEST_ITEMS);
  } catch (error) {
    throw new StatusError('BadRequest', `the request is not JSON: ${(error as Error).message}`);
  }
}
