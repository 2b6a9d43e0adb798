import * as z from 'zod/mini';
import { API_VERSION, KINDS, type Kind } from './kinds.ts';
import { nearest } from './meta/names.ts';
import { prototypeKey } from './meta/prototype-key.ts';
import { object, optional, required, withDefault } from './meta/schema.ts';
import { deploymentSpec } from './v1alpha1/deployment.ts';
import { deploymentStatus } from './v1alpha1/deployment-status.ts';
import { eventSpec, eventStatus } from './v1alpha1/event.ts';
import { annotations, dnsLabel, labels, objectName } from './v1alpha1/fields.ts';
import { hostReservationSpec, hostReservationStatus, routeSpec, routeStatus } from './v1alpha1/route.ts';
import { trustedPeerSpec, trustedPeerStatus } from './v1alpha1/trusted-peer.ts';
import type { ManifestOf } from './v1alpha1/types.ts';
import { wording } from './wording.ts';

/** What is wrong with a value, and where: `spec.template.spec.containers[0].image`. */
export interface FieldError {
  path: readonly PropertyKey[];
  message: string;
}

export type Decoded<T> = { ok: true; value: T } | { ok: false; errors: FieldError[] };

const schemas = {
  Deployment: { spec: deploymentSpec, status: deploymentStatus },
  TrustedPeer: { spec: trustedPeerSpec, status: trustedPeerStatus },
  Route: { spec: routeSpec, status: routeStatus },
  HostReservation: { spec: hostReservationSpec, status: hostReservationStatus },
  Event: { spec: eventSpec, status: eventStatus },
} satisfies Record<Kind, { spec: z.ZodMiniType; status: z.ZodMiniType }>;

const namespace = withDefault(dnsLabel, 'default', 'Namespace.');
const meta = () => ({
  labels: optional(labels, 'For selecting: -l key=value.'),
  annotations: optional(annotations, 'For people and tools.'),
});
const namespacedMeta = object(() => ({
  name: required(dnsLabel, 'Unique in its namespace.'),
  namespace,
  ...meta(),
}));
const clusterMeta = object(() => ({ name: required(dnsLabel, 'Unique.'), ...meta() }));
/** What machines write: its name is made of several others. */
const longName = required(objectName, 'Unique in its namespace, where it has one.');
const namespacedLongMeta = object(() => ({ name: longName, namespace, ...meta() }));
const clusterLongMeta = object(() => ({ name: longName, ...meta() }));

const metas = {
  Deployment: namespacedMeta,
  TrustedPeer: clusterMeta,
  Route: namespacedLongMeta,
  HostReservation: clusterLongMeta,
  Event: namespacedLongMeta,
} satisfies Record<Kind, z.ZodMiniType>;

/** The schema of a manifest of `kind`: the only source of its defaults, validation and documentation. */
export function manifestSchema(kind: Kind): ManifestSchema {
  const schema = manifestSchemas.get(kind) ?? buildManifestSchema(kind);
  manifestSchemas.set(kind, schema);
  return schema;
}

type ManifestSchema = ReturnType<typeof buildManifestSchema>;

/** Building one costs more than using it: a file holds many manifests of the same kind. */
const manifestSchemas = new Map<Kind, ManifestSchema>();

function buildManifestSchema(kind: Kind) {
  return object(() => ({
    apiVersion: z.literal(API_VERSION),
    kind: z.literal(kind),
    metadata: metas[kind],
    spec: schemas[kind].spec,
  }));
}

export function specSchema(kind: Kind): z.ZodMiniType {
  return schemas[kind].spec;
}

export function statusSchema(kind: Kind): z.ZodMiniType {
  return schemas[kind].status;
}

const KIND_NAMES = KINDS.map((info) => info.kind).join(', ');

const anyManifest = z.looseObject(
  {
    apiVersion: z.string(`must be ${API_VERSION}`),
    kind: z.string(`must be one of ${KIND_NAMES}`),
  },
  'must be a mapping with apiVersion, kind, metadata and spec',
);

/** Validates a value as a manifest of whatever kind it says it is, and fills in the defaults. */
export function decodeManifest(value: unknown): Decoded<ManifestOf<Kind>> {
  const envelope = anyManifest.safeParse(value);
  if (!envelope.success) return failure(envelope.error, value);
  const { apiVersion, kind } = envelope.data;
  if (apiVersion !== API_VERSION) return single(['apiVersion'], wrongVersion(apiVersion));
  const known = KINDS.find((info) => info.kind === kind);
  if (!known) return single(['kind'], unknownKind(kind));
  return decode(manifestSchema(known.kind), value) as Decoded<ManifestOf<Kind>>;
}

/** Validates a value against a schema; `path` is where in the document the value stands. */
export function decode<T>(
  schema: z.ZodMiniType<T>,
  value: unknown,
  path: readonly PropertyKey[] = [],
): Decoded<T> {
  const result = schema.safeParse(value, { error: wording });
  const lost = result.success ? prototypeKey(value) : undefined;
  if (lost) return single([...path, ...lost], 'cannot be a key');
  if (result.success) return { ok: true, value: result.data };
  const { errors } = failure(result.error, value, schema);
  return { ok: false, errors: errors.map((error) => ({ ...error, path: [...path, ...error.path] })) };
}

/** `spec.containers[0].image` */
export function formatPath(path: readonly PropertyKey[]): string {
  return path
    .map((part, index) => (typeof part === 'number' ? `[${part}]` : `${index > 0 ? '.' : ''}${String(part)}`))
    .join('');
}

/** Most manifests in the world are Kubernetes' own. */
function wrongVersion(apiVersion: string): string {
  const [group = '', version = ''] = API_VERSION.split('/');
  const isOurs = apiVersion === version || apiVersion.startsWith(group);
  return `must be ${API_VERSION}${isOurs ? '' : ' (a Kubernetes object cannot be applied as it is; its spec.template can be pasted)'}`;
}

function unknownKind(kind: string): string {
  const near = nearest(
    kind,
    KINDS.map((info) => info.kind),
  );
  return `unknown kind "${kind.slice(0, 60)}"${near ? `; did you mean ${near}?` : `; known are ${KIND_NAMES}`}`;
}

function single(path: PropertyKey[], message: string): { ok: false; errors: FieldError[] } {
  return { ok: false, errors: [{ path, message }] };
}

/** A person mends the first mistakes first; a hostile document has more of them than anyone may explain. */
const MAX_EXPLAINED = 100;

function failure(
  error: z.core.$ZodError,
  value: unknown,
  schema?: z.ZodMiniType,
): { ok: false; errors: FieldError[] } {
  const issues = error.issues.slice(0, MAX_EXPLAINED);
  return { ok: false, errors: firstOfEach(issues.flatMap((issue) => explain(issue, value, schema))) };
}

/** What is no number at all is not too large besides: the first thing said of a value is the one to mend. */
function firstOfEach(errors: readonly FieldError[]): FieldError[] {
  const byPath = Map.groupBy(errors, ({ path }) => formatPath(path));
  return [...byPath.values()].flatMap((same) => same.slice(0, 1));
}

function explain(issue: z.core.$ZodIssue, value: unknown, schema: z.ZodMiniType | undefined): FieldError[] {
  if (issue.code === 'unrecognized_keys') {
    const known = schema ? fieldsAt(schema, issue.path) : [];
    const keys = issue.keys.slice(0, MAX_EXPLAINED);
    return keys.map((key) => ({ path: [...issue.path, key], message: unknownField(key, known) }));
  }
  const missing = issue.code === 'invalid_type' && at(value, issue.path) === undefined;
  return [{ path: issue.path, message: missing ? 'is required' : issue.message }];
}

function unknownField(key: string, known: readonly string[]): string {
  const near = nearest(key, known);
  if (near) return `unknown field; did you mean "${near}"?`;
  return known.length > 0 ? `unknown field; known here are ${known.join(', ')}` : 'unknown field';
}

function at(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (inner, part) =>
      typeof inner === 'object' && inner !== null && Object.hasOwn(inner, part)
        ? inner[part as keyof typeof inner]
        : undefined,
    value,
  );
}

/** The names of the fields that an object schema somewhere inside `schema` has. */
function fieldsAt(schema: z.ZodMiniType, path: readonly PropertyKey[]): string[] {
  let current: z.core.$ZodType | undefined = schema;
  for (const part of path) current = current && child(unwrap(current), part);
  const inner = current && unwrap(current);
  return inner instanceof z.ZodMiniObject ? Object.keys(inner.shape) : [];
}

function child(schema: z.core.$ZodType, part: PropertyKey): z.core.$ZodType | undefined {
  if (schema instanceof z.ZodMiniObject) return schema.shape[part as string];
  if (schema instanceof z.ZodMiniArray) return schema._zod.def.element;
  if (schema instanceof z.ZodMiniRecord) return schema._zod.def.valueType;
  return undefined;
}

/** The schema inside optional, default and piped ones. */
export function unwrap(schema: z.core.$ZodType): z.core.$ZodType {
  if (
    schema instanceof z.ZodMiniOptional ||
    schema instanceof z.ZodMiniDefault ||
    schema instanceof z.ZodMiniPrefault
  )
    return unwrap(schema._zod.def.innerType);
  return schema instanceof z.ZodMiniPipe ? unwrap(schema._zod.def.in) : schema;
}
