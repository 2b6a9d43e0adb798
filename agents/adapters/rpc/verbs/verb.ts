import type { Kind } from '../../../../api/kinds.ts';
import type { ObjectKey } from '../../../../api/meta/object.ts';
import { StatusError } from '../../../../api/meta/status-error.ts';
import type { ClaimsOf } from '../../../../api/protocol/claims.ts';
import type { BodyOf, ResponseBody, StoreVerb } from '../../../../api/protocol/messages.ts';
import type { Clock } from '../../../../controllers/ports/clock.ts';
import type { Store } from '../../../../controllers/ports/store.ts';
import type { Serial } from '../serial.ts';

/** A request that passed every check of its envelope, and whose body has the shape of its verb. */
export interface Call<V extends StoreVerb> {
  claims: ClaimsOf<V>;
  body: BodyOf<V>;
  /** The signed claims as they were received. */
  envelope: Uint8Array;
  /** Ends a watch. */
  signal: AbortSignal;
}

/** What the verbs work on. */
export interface Session {
  /** What the caller may see and do. */
  store: Store;
  clock: Clock;
  /** Keeps two writes of one object from passing the same check of its generation. */
  writes: Serial;
  /** Of our program, for a caller whose words we do not know. */
  version: string;
}

/** Answers a call, a watch with many messages. Rejects with what the caller is told instead. */
export type VerbHandler<V extends StoreVerb> = (
  call: Call<V>,
  session: Session,
) => AsyncIterable<ResponseBody>;

/** What a peer can ask of each kind. Whether it may is decided by the Store it was given. */
const SERVED: Record<Kind, readonly StoreVerb[]> = {
  Deployment: ['get', 'list', 'watch', 'apply', 'patch', 'delete'],
  Route: ['get', 'list', 'watch', 'apply', 'patch', 'delete'],
  HostReservation: [],
  Event: ['get', 'list', 'watch'],
  TrustedPeer: ['get', 'list'],
};

/** @throws StatusError when peers cannot ask this of this kind. */
export function servedKind({ kind, verb }: ClaimsOf<StoreVerb>, version: string): Kind {
  if (Object.hasOwn(SERVED, kind) && SERVED[kind as Kind].includes(verb)) return kind as Kind;
  const message = `"${verb}" of a ${kind} is not offered to peers (this peer runs version ${version})`;
  throw new StatusError('BadRequest', message);
}

/** The object that a call names, without its owner: the caller's Store knows that. */
export function namedObject(
  claims: ClaimsOf<'get' | 'apply' | 'patch' | 'delete'>,
  version: string,
): ObjectKey<Kind> {
  const { namespace, name } = claims;
  return { kind: servedKind(claims, version), namespace, name };
}
