import type { Condition } from './condition.ts';

/** What a person writes about an object; the rest of its metadata is bookkeeping. */
export interface ManifestMeta {
  name: string;
  /** Absent on cluster-scoped kinds. */
  namespace?: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
}

/** What machines write about an object. It never appears in a file that a person edits or commits. */
export interface ObjectMeta extends ManifestMeta {
  /** Peer ID of whoever signed the spec; absent on a person's own objects. Part of the object's key. */
  owner?: string;
  uid: string;
  /** Opaque; moves on every write. */
  resourceVersion: string;
  /** Moves only when the spec does. Starts at 1. */
  generation: number;
  creationTimestamp: string;
  /** Set by the first phase of a delete; the object goes when its finalizers are gone. */
  deletionTimestamp?: string;
  deletionGracePeriodSeconds?: number;
  finalizers?: string[];
  /** The owner's signed envelope over the hash of this spec, base64; absent on a person's own objects. */
  signature?: string;
  /** The manifest of the last `apply`, so that the next one can tell what was removed from it. */
  lastApplied?: LastApplied;
}

export interface LastApplied {
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  /** As it was written, without defaults. */
  spec: unknown;
  /** File, directory or URL that it came from. */
  source?: string;
}

/** Fields that every kind's status may have. */
export interface ObjectStatus {
  observedGeneration?: number;
  conditions?: Condition[];
}

/** An object as a person writes it: no bookkeeping, no status. */
export interface Manifest<Kind extends string = string, Spec = unknown> {
  apiVersion: string;
  kind: Kind;
  metadata: ManifestMeta;
  spec: Spec;
}

/** An object as a Store holds it. */
export interface ApiObject<
  Kind extends string = string,
  Spec = unknown,
  Status extends ObjectStatus = ObjectStatus,
> extends Manifest<Kind, Spec> {
  metadata: ObjectMeta;
  status?: Status;
}

/** Names one object in one Store. Two owners may both have `default/web`. */
export interface ObjectKey<Kind extends string = string> {
  kind: Kind;
  owner?: string;
  namespace?: string;
  name: string;
}

/** The key of an object or of a manifest. */
export function keyOf<Kind extends string>(object: {
  kind: Kind;
  metadata: ManifestMeta & { owner?: string };
}): ObjectKey<Kind> {
  const { owner, namespace, name } = object.metadata;
  return { kind: object.kind, owner, namespace, name };
}

/** One string per key, for maps and queues: `Deployment/<owner>/<namespace>/<name>`. */
export function formatKey(key: ObjectKey): string {
  return [key.kind, key.owner ?? '', key.namespace ?? '', key.name].join('/');
}

/** The inverse of {@link formatKey}. No part of a key can contain a slash. */
export function parseKey<Kind extends string = string>(text: string): ObjectKey<Kind> {
  const [kind, owner, namespace, name] = text.split('/');
  return {
    kind: kind as Kind,
    owner: owner || undefined,
    namespace: namespace || undefined,
    name: name ?? '',
  };
}
