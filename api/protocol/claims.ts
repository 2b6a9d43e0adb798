import * as z from 'zod/mini';
import { matching, object, optional, required } from '../meta/schema.ts';
import { dnsLabel, objectName, peerID } from '../v1alpha1/fields.ts';
import { counter } from '../v1alpha1/status-fields.ts';

/**
 * What a signature vouches for. Claims travel as canonical JSON inside a libp2p signed envelope
 * (RFC 0002), which has no time, nonce or audience of its own; the body beside it is fixed by its hash.
 */

const hash = matching(/^[0-9a-f]{64}$/);
const nonce = matching(/^[A-Za-z0-9_-]{22}$/);
const milliseconds = z.int().check(z.minimum(0), z.maximum(8_640_000_000_000_000));

const common = {
  iss: required(peerID, 'Who signed: also the peer at the other end of the connection.'),
  aud: required(peerID, 'Whom it is for.'),
  iat: required(milliseconds, 'Issued, in milliseconds since the epoch.'),
  exp: required(milliseconds, 'Void after, in milliseconds since the epoch.'),
  seq: required(counter, 'Rises by one with every message of its direction on a stream, from 0.'),
  bodyHash: required(hash, 'SHA-256 of the body, hex.'),
};

const request = { ...common, nonce: required(nonce, '128 random bits, base64url: never used twice.') };
const collection = { kind: z.string().check(z.maxLength(63)), namespace: z.optional(dnsLabel) };
const key = { ...collection, name: objectName };

const uid = required(z.uuid(), "The owner's uid of the object.");
const generation = required(z.int().check(z.minimum(1)), "The owner's generation of the object.");
const base = required(hash, 'Hash of the whole spec that a patch applies to.');
const result = required(hash, 'Hash of the whole spec after an apply or a patch.');
const expose = optional(
  hash,
  'Hash of spec.expose after it, where there is one: a gateway is shown that section and nothing else.',
);
/** Signed, so that a trial can never pass for the owner's word about what shall run. */
const dryRun = optional(z.literal(true), 'Answer as if done, but do nothing.');

export const requestClaims = z.discriminatedUnion('verb', [
  object(() => ({ ...request, verb: z.literal('get'), ...key })),
  object(() => ({ ...request, verb: z.literal('list'), ...collection })),
  object(() => ({ ...request, verb: z.literal('watch'), ...collection })),
  object(() => ({
    ...request,
    verb: z.literal('apply'),
    ...key,
    uid,
    generation,
    result,
    expose,
    dryRun,
  })),
  object(() => ({
    ...request,
    verb: z.literal('patch'),
    ...key,
    uid,
    generation,
    base,
    result,
    expose,
    dryRun,
  })),
  object(() => ({
    ...request,
    verb: z.literal('delete'),
    ...key,
    uid: optional(z.string().check(z.maxLength(64)), 'Delete no other object of this name.'),
    generation: z.optional(generation),
    dryRun,
  })),
  object(() => ({ ...request, verb: z.literal('logs'), ...key })),
]);

export const responseClaims = object(() => ({
  ...common,
  re: required(nonce, 'Nonce of the request this answers.'),
}));

/** Checks a value that came from another machine. */
export type Schema<T> = z.ZodMiniType<T>;

export type RequestClaims = z.infer<typeof requestClaims>;
export type ResponseClaims = z.infer<typeof responseClaims>;
export type CommonClaims = Pick<RequestClaims, keyof typeof common>;
export type Verb = RequestClaims['verb'];
export type ClaimsOf<V extends Verb> = Extract<RequestClaims, { verb: V }>;
