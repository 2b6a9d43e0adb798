import { z } from 'zod';
import { annotations, dnsLabel, labels, objectName, peerID, timestamp } from '../v1alpha1/fields.ts';
import { counter, word } from '../v1alpha1/status-fields.ts';

/** What travels in the frames of {@link STORE_PROTOCOL}: signed claims, and a body that the claims fix by its hash. */

const hash = z.string().regex(/^[0-9a-f]{64}$/);
const nonce = z.string().regex(/^[A-Za-z0-9_-]{22}$/);
const seconds = z.int().min(0).max(8_640_000_000_000);

export const verbs = ['get', 'list', 'watch', 'apply', 'patch', 'delete'] as const;
export type Verb = (typeof verbs)[number];

const common = {
  iss: peerID.describe('Who signed: also the peer at the other end of the connection.'),
  aud: peerID.describe('Whom it is for.'),
  iat: seconds.describe('Issued, in milliseconds since the epoch.'),
  exp: seconds.describe('Void after, in milliseconds since the epoch.'),
  seq: counter.describe('Rises by one with every message of its direction on a stream, from 0.'),
  bodyHash: hash.describe('SHA-256 of the body, hex.'),
};

export const requestClaims = z.strictObject({
  ...common,
  verb: z.enum(verbs),
  kind: z.string().max(63),
  namespace: dnsLabel.optional(),
  name: objectName.optional(),
  nonce: nonce.describe('128 random bits, base64url: never used twice.'),
  uid: z.uuid().optional().describe("The owner's uid of the object."),
  generation: z.int().min(1).optional().describe("The owner's generation of the object."),
  base: hash.optional().describe('Hash of the whole spec that a patch applies to.'),
  result: hash.optional().describe('Hash of the whole spec after an apply or a patch.'),
});

export const responseClaims = z.strictObject({
  ...common,
  re: nonce.describe('Nonce of the request this answers.'),
});

/** Body of a request; which members matter depends on the verb. */
export const requestBody = z.strictObject({
  dryRun: z.boolean().optional(),
  /** get, list and watch. */
  resourceVersion: z.string().max(64).optional(),
  continue: z.string().max(512).optional(),
  /** apply: a manifest's metadata and spec, validated by the scheme of its kind. */
  metadata: z.strictObject({ labels: labels.optional(), annotations: annotations.optional() }).optional(),
  spec: z.unknown().optional(),
  /** patch: a merge patch of the spec. */
  patch: z.unknown().optional(),
  /** delete. */
  gracePeriodSeconds: z.int().min(0).max(3600).optional(),
});

const statusReason = z.enum([
  'Invalid',
  'BadRequest',
  'Unauthorized',
  'Forbidden',
  'NotFound',
  'AlreadyExists',
  'Conflict',
  'Expired',
  'Timeout',
  'TooManyRequests',
  'RequestEntityTooLarge',
  'ServiceUnavailable',
  'InternalError',
]);

const failure = z.strictObject({
  reason: statusReason,
  message: z.string().max(4096),
  details: z.strictObject({ cause: word.optional(), field: z.string().max(1024).optional() }),
});

/** An object as a peer shows it to its owner: spec and status are validated by the scheme of its kind. */
export const remoteObject = z.strictObject({
  kind: z.string().max(63),
  metadata: z.strictObject({
    name: objectName,
    namespace: dnsLabel.optional(),
    uid: z.uuid(),
    generation: counter,
    resourceVersion: z.string().max(64),
    creationTimestamp: timestamp,
    deletionTimestamp: timestamp.optional(),
    labels: labels.optional(),
    annotations: annotations.optional(),
  }),
  spec: z.unknown(),
  status: z.unknown().optional(),
});

export const responseBody = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('object'),
    object: remoteObject.optional(),
    operation: z.enum(['created', 'configured', 'unchanged']).optional(),
  }),
  z.strictObject({
    type: z.literal('list'),
    items: z.array(remoteObject).max(1000),
    resourceVersion: z.string().max(64),
    continue: z.string().max(512).optional(),
  }),
  z.strictObject({
    type: z.literal('event'),
    event: z.enum(['ADDED', 'MODIFIED', 'DELETED']),
    object: remoteObject,
  }),
  z.strictObject({ type: z.literal('bookmark'), resourceVersion: z.string().max(64) }),
  z.strictObject({ type: z.literal('error'), error: failure }),
]);

export type RequestClaims = z.infer<typeof requestClaims>;
export type ResponseClaims = z.infer<typeof responseClaims>;
export type RequestBody = z.infer<typeof requestBody>;
export type ResponseBody = z.infer<typeof responseBody>;
export type RemoteObject = z.infer<typeof remoteObject>;
