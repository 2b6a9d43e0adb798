import * as z from 'zod/mini';
import { object, optional, required } from '../meta/schema.ts';
import type { StatusReason } from '../meta/status-error.ts';
import { annotations, dnsLabel, labels, objectName, timestamp } from '../v1alpha1/fields.ts';
import { counter, word } from '../v1alpha1/status-fields.ts';

/** Bodies of the messages of the store protocol; the signed claims beside a body say what it is about. */

const upTo = (length: number) => z.string().check(z.maxLength(length));

const version = required(upTo(64), 'Opaque version of an object or of a list.');

const requirement = object(() => ({
  key: upTo(317),
  operator: z.enum(['In', 'NotIn', 'Exists', 'DoesNotExist']),
  values: z.array(upTo(63)).check(z.maxLength(64)),
}));

const selector = optional(z.array(requirement).check(z.maxLength(32)), 'A parsed label selector.');

const resourceVersion = z.optional(version);

const writtenMeta = object(() => ({ labels: z.optional(labels), annotations: z.optional(annotations) }));

/** Body of a request, by verb. `spec` and `patch` are validated by the scheme of their kind. */
export const requestBodies = {
  get: object(() => ({})),
  list: object(() => ({ selector, continue: z.optional(upTo(512)) })),
  watch: object(() => ({ selector, resourceVersion })),
  apply: object(() => ({ metadata: writtenMeta, spec: z.unknown(), resourceVersion })),
  patch: object(() => ({
    patch: required(z.record(z.string(), z.unknown()), 'A merge patch of the spec.'),
    resourceVersion,
  })),
  delete: object(() => ({
    gracePeriodSeconds: z.optional(z.int().check(z.minimum(0), z.maximum(3600))),
    resourceVersion,
  })),
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

const failureDetails = object(() => ({ cause: z.optional(word), field: z.optional(upTo(1024)) }));

/** A StatusError on the wire. */
export const failure = object(() => ({
  reason: statusReason,
  message: upTo(4096),
  details: failureDetails,
}));

const shownMeta = object(() => ({
  name: objectName,
  namespace: z.optional(dnsLabel),
  uid: z.uuid(),
  generation: counter,
  resourceVersion: version,
  creationTimestamp: timestamp,
  deletionTimestamp: z.optional(timestamp),
  labels: z.optional(labels),
  annotations: z.optional(annotations),
}));

/** An object as a peer shows it to its owner: spec and status are validated by the scheme of its kind. */
export const remoteObject = object(() => ({
  kind: upTo(63),
  metadata: shownMeta,
  spec: z.unknown(),
  status: z.optional(z.unknown()),
}));

export const responseBody = z.discriminatedUnion('type', [
  object(() => ({
    type: z.literal('object'),
    object: z.optional(remoteObject),
    operation: z.optional(z.enum(['created', 'configured', 'unchanged'])),
  })),
  object(() => ({
    type: z.literal('list'),
    items: z.array(remoteObject).check(z.maxLength(1000)),
    resourceVersion: version,
    continue: z.optional(upTo(512)),
  })),
  object(() => ({
    type: z.literal('event'),
    event: z.enum(['ADDED', 'MODIFIED', 'DELETED']),
    object: remoteObject,
  })),
  object(() => ({ type: z.literal('bookmark'), resourceVersion: version })),
  object(() => ({ type: z.literal('error'), error: failure })),
]);

export type StoreVerb = keyof typeof requestBodies;
export type BodyOf<V extends StoreVerb> = z.infer<(typeof requestBodies)[V]>;
export type ResponseBody = z.infer<typeof responseBody>;
export type ResponseOf<T extends ResponseBody['type']> = Extract<ResponseBody, { type: T }>;
export type RemoteObject = z.infer<typeof remoteObject>;
export type Failure = z.infer<typeof failure>;
