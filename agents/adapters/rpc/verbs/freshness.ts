import { isStatusError, StatusError } from '../../../../api/meta/status-error.ts';
import { type ClaimsOf, requestClaims } from '../../../../api/protocol/claims.ts';
import { REQUEST_DOMAIN } from '../../../../api/protocol/protocols.ts';
import { Refusal } from '../../../../api/protocol/refusals.ts';
import type { AnyObject } from '../../../../api/v1alpha1/types.ts';
import { openClaims } from '../envelope.ts';
import type { Call } from './verb.ts';

/** What the owner's signature beside a spec says. */
type SpecClaims = ClaimsOf<'apply' | 'patch'>;

/**
 * The signature to keep beside the spec that a call makes; undefined where nothing new has to be kept,
 * so that a call which is repeated changes nothing.
 * @throws StatusError `Conflict` when the owner has signed something newer.
 */
export async function signatureFor(
  { claims, envelope }: Pick<Call<'apply' | 'patch'>, 'claims' | 'envelope'>,
  current: AnyObject | undefined,
): Promise<string | undefined> {
  // A trial writes nothing, and its generation is one that the owner has not given away yet.
  if (claims.dryRun) return undefined;
  const last = await lastClaims(current, claims.iss);
  if (last) checkGeneration(claims, last);
  const known = last?.uid === claims.uid && last.generation === claims.generation;
  return known ? undefined : Buffer.from(envelope).toString('base64');
}

/** @throws StatusError `Conflict` */
export async function refuseOlder(claims: ClaimsOf<'delete'>, current: AnyObject | undefined): Promise<void> {
  const last = await lastClaims(current, claims.iss);
  if (last) checkGeneration(claims, last);
}

function checkGeneration(claims: ClaimsOf<'apply' | 'patch' | 'delete'>, last: SpecClaims): void {
  const { uid, generation } = claims;
  if (uid !== last.uid || generation === undefined) return;
  if (generation < last.generation)
    throw conflict(Refusal.OlderGeneration, `older generation ${generation}: ${last.generation} is here`);
  if (generation === last.generation && 'result' in claims && claims.result !== last.result)
    throw conflict(Refusal.SameGeneration, `another spec of generation ${generation} is here`);
}

/** Undefined as well when what is kept was damaged on this machine: the owner's next word replaces it. */
async function lastClaims(current: AnyObject | undefined, owner: string): Promise<SpecClaims | undefined> {
  const kept = current?.metadata.signature;
  if (!kept) return undefined;
  try {
    const claims = await openClaims(REQUEST_DOMAIN, requestClaims, Buffer.from(kept, 'base64'), owner);
    return claims.verb === 'apply' || claims.verb === 'patch' ? claims : undefined;
  } catch (error) {
    if (isStatusError(error, 'Unauthorized')) return undefined;
    throw error;
  }
}

function conflict(cause: Refusal, message: string): StatusError {
  return new StatusError('Conflict', `${message}; read the object again`, { cause });
}
