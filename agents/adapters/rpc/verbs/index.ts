import { StatusError } from '../../../../api/meta/status-error.ts';
import type { RequestClaims, Schema } from '../../../../api/protocol/claims.ts';
import { type ResponseBody, requestBodies, type StoreVerb } from '../../../../api/protocol/messages.ts';
import { readBody, type SignedRequest } from '../request.ts';
import { get, list } from './read.ts';
import type { Call, Session, VerbHandler } from './verb.ts';
import { watch } from './watch.ts';
import { apply, patch, remove } from './write.ts';

const HANDLERS: { [V in StoreVerb]: VerbHandler<V> } = { get, list, watch, apply, patch, delete: remove };

/** Answers a request that passed every check of its envelope. Rejects with what the caller is told instead. */
export function answer(
  { claims, envelope, body }: SignedRequest,
  session: Session,
  signal: AbortSignal,
): AsyncIterable<ResponseBody> {
  const verb = storeVerb(claims);
  const schema: Schema<unknown> = requestBodies[verb];
  const call = { claims, envelope, signal, body: readBody(schema, body, session.version) };
  // The verb chose the schema of the body and the handler, which TypeScript cannot follow through a table.
  return (HANDLERS[verb] as VerbHandler<StoreVerb>)(call as Call<StoreVerb>, session);
}

function storeVerb({ verb }: RequestClaims): StoreVerb {
  if (Object.hasOwn(HANDLERS, verb)) return verb as StoreVerb;
  throw new StatusError('BadRequest', `"${verb}" is not a request of this protocol`);
}
