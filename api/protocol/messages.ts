import * as z from 'zod';
import type { StatusReason } from '../meta/status-error.ts';
import { annotations, dnsLabel, labels, objectName, timestamp } from '../v1alpha1/fields.ts';
import { counter, word } from '../v1alpha1/status-fields.ts';

/** Bodies of the messages of the store protocol; the signed claims beside a body say what it is about. */

const version = z.string().max(64).describe('Opaque version of an object or of a list.');

const selector = z
  .array(
    z.strictObject({
      key: z.string().max(317),
      operator: z.enum(['In', 'NotIn', 'Exists', 'DoesNotExist']),
      values: z.array(z.string().max(63)).max(64),
    }),
  )
  .max(32)
  .describe('A parsed label selector.');

/** Body of a request, by verb. `spec` and `patch` are validated by the scheme of their kind. */
export const requestBodies = {
  get: z.strictObject({}),
  list: z.strictObject({ selector: selector.optional(), continue: z.string().max(512).optional() }),
  watch: z.strictObject({ selector: selector.optional(), resourceVersion: version.optional() }),
  apply: z.strictObject({
    metadata: z.strictObject({ labels: labels.optional(), annotations: annotations.optional() }),
    spec: z.unknown(),
    resourceVersion: version.optional(),
  }),
  patch: z.strictObject({
    patch: z.record(z.string(), z.unknown()).describe('A merge patch of the spec.'),
    resourceVersion: version.optional(),
  }),
  delete: z.strictObject({
    gracePeriodSeconds: z.int().min(0).max(3600).optional(),
    resourceVersion: version.optional(),
  }),
};

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
] satisfies StatusReason[]);

/** A StatusError on the wire. */
export const failure = z.strictObject({
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
    resourceVersion: version,
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
    resourceVersion: version,
    continue: z.string().max(512).optional(),
  }),
  z.strictObject({
    type: z.literal('event'),
    event: z.enum(['ADDED', 'MODIFIED', 'DELETED']),
    object: remoteObject,
  }),
  z.strictObject({ type: z.literal('bookmark'), resourceVersion: version }),
  z.strictObject({ type: z.literal('error'), error: failure }),
]);

export type StoreVerb = keyof typeof requestBodies;
export type BodyOf<V extends StoreVerb> = z.infer<(typeof requestBodies)[V]>;
export type ResponseBody = z.infer<typeof responseBody>;
export type ResponseOf<T extends ResponseBody['type']> = Extract<ResponseBody, { type: T }>;
export type RemoteObject = z.infer<typeof remoteObject>;
export type Failure = z.infer<typeof failure>;
