import * as z from 'zod';
import { dnsLabel, objectName, peerID } from '../v1alpha1/fields.ts';
import { counter } from '../v1alpha1/status-fields.ts';

/**
 * What a signature vouches for. Claims travel as canonical JSON inside a libp2p signed envelope
 * (RFC 0002), which has no time, nonce or audience of its own; the body beside it is fixed by its hash.
 */

const hash = z.string().regex(/^[0-9a-f]{64}$/);
const nonce = z.string().regex(/^[A-Za-z0-9_-]{22}$/);
const milliseconds = z.int().min(0).max(8_640_000_000_000_000);

const common = {
  iss: peerID.describe('Who signed: also the peer at the other end of the connection.'),
  aud: peerID.describe('Whom it is for.'),
  iat: milliseconds.describe('Issued, in milliseconds since the epoch.'),
  exp: milliseconds.describe('Void after, in milliseconds since the epoch.'),
  seq: counter.describe('Rises by one with every message of its direction on a stream, from 0.'),
  bodyHash: hash.describe('SHA-256 of the body, hex.'),
};

const request = { ...common, nonce: nonce.describe('128 random bits, base64url: never used twice.') };
const collection = { kind: z.string().max(63), namespace: dnsLabel.optional() };
const key = { ...collection, name: objectName };

const uid = z.uuid().describe("The owner's uid of the object.");
const generation = z.int().min(1).describe("The owner's generation of the object.");
const base = hash.describe('Hash of the whole spec that a patch applies to.');
const result = hash.describe('Hash of the whole spec after an apply or a patch.');
const expose = hash
  .optional()
  .describe(
    'Hash of spec.expose after it, where there is one: a gateway is shown that section and nothing else.',
  );
/** Signed, so that a trial can never pass for the owner's word about what shall run. */
const dryRun = z.literal(true).optional().describe('Answer as if done, but do nothing.');

export const requestClaims = z.discriminatedUnion('verb', [
  z.strictObject({ ...request, verb: z.literal('get'), ...key }),
  z.strictObject({ ...request, verb: z.literal('list'), ...collection }),
  z.strictObject({ ...request, verb: z.literal('watch'), ...collection }),
  z.strictObject({ ...request, verb: z.literal('apply'), ...key, uid, generation, result, expose, dryRun }),
  z.strictObject({
    ...request,
    verb: z.literal('patch'),
    ...key,
    uid,
    generation,
    base,
    result,
    expose,
    dryRun,
  }),
  z.strictObject({
    ...request,
    verb: z.literal('delete'),
    ...key,
    uid: z.string().max(64).optional().describe('Delete no other object of this name.'),
    generation: generation.optional(),
    dryRun,
  }),
  z.strictObject({ ...request, verb: z.literal('logs'), ...key }),
]);

export const responseClaims = z.strictObject({
  ...common,
  re: nonce.describe('Nonce of the request this answers.'),
});

/** Checks a value that came from another machine. */
export type Schema<T> = z.ZodType<T>;

export type RequestClaims = z.infer<typeof requestClaims>;
export type ResponseClaims = z.infer<typeof responseClaims>;
export type CommonClaims = Pick<RequestClaims, keyof typeof common>;
export type Verb = RequestClaims['verb'];
export type ClaimsOf<V extends Verb> = Extract<RequestClaims, { verb: V }>;
