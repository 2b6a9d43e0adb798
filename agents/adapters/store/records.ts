import { type Condition, setConditions } from '../../../api/meta/condition.ts';
import type { ApiObject, ObjectMeta, ObjectStatus } from '../../../api/meta/object.ts';
import { Parsed } from '../../../api/v1alpha1/reasons.ts';
import type { FileStat } from './file-system.ts';
import { withoutConditions } from './mutations.ts';

/** Tells versions of a file apart at a glance. */
export type FileVersion = Pick<FileStat, 'ino' | 'size' | 'mtimeMs'>;

/** A version of a manifest file, which its checksum tells apart for certain. */
export interface Stamp extends FileVersion {
  checksum: string;
}

/** Why the files of an object are not as they should be; shown as its condition `Parsed`. */
export interface Problem {
  reason: string;
  message: string;
  /** RFC 3339. */
  since: string;
}

/** Content of `records/...`: the object without its status, and the files that belong to it. */
export interface ObjectRecord {
  object: ApiObject;
  /** The manifest that was last looked at; absent where there is none, or no longer. */
  manifest?: Stamp | undefined;
  problem?: Problem | undefined;
  /** Revision of the status when this was written; 0 without one. */
  statusRevision: number;
  /** That status: what its file is worth after a power loss is no older than this ({@link latestStatus}). */
  status?: ObjectStatus | undefined;
}

/** What must not be lost with a record: a workload is known by it. */
export type Identity = Pick<
  ObjectMeta,
  'uid' | 'generation' | 'creationTimestamp' | 'finalizers' | 'signature' | 'lastApplied'
>;

/** Content of `status/...`. Not synced: a power loss may take it, leave an older one, or tear it. */
export interface StatusRecord {
  revision: number;
  /** Revision of the record when this was written. */
  recordRevision: number;
  status?: ObjectStatus | undefined;
  /** Second copy, as of this write. */
  identity: Identity;
}

export function revisionOf({ metadata }: ApiObject): number {
  return Number(metadata.resourceVersion);
}

/** Nothing holds it any more; its files are being removed, or a crash kept them from that. */
export function isGone({ metadata }: ApiObject): boolean {
  return metadata.deletionTimestamp !== undefined && !metadata.finalizers?.length;
}

/**
 * Whether the two were ever true together. Each names the other's revision when it was written, so a
 * reader notices when a write came between its two reads, and when one of the files is lost or old.
 */
export function belongTogether(record: ObjectRecord, status: StatusRecord | undefined): boolean {
  const revision = revisionOf(record.object);
  if (!status || status.revision < revision) return record.statusRevision === (status?.revision ?? 0);
  return status.recordRevision === revision;
}

/** The status in the file, or the record's copy where that is the newer one: a power loss took what was in the file. */
export function latestStatus(
  record: ObjectRecord,
  stored: StatusRecord | undefined,
): StatusRecord | undefined {
  const { object, status, statusRevision } = record;
  if ((stored?.revision ?? 0) >= statusRevision) return stored;
  const recordRevision = revisionOf(object);
  return { revision: statusRevision, recordRevision, status, identity: identityOf(object) };
}

/** The object as callers see it. */
export function assemble(record: ObjectRecord, stored: StatusRecord | undefined): ApiObject {
  const { object, problem } = record;
  const revision = Math.max(revisionOf(object), stored?.revision ?? 0);
  const status = withProblem(stored?.status, problem);
  const metadata = { ...object.metadata, resourceVersion: String(revision) };
  return { ...object, metadata, ...(status && { status }) };
}

/** What of an object goes into its status file: `Parsed` is about files, and comes from the record. */
export function storedStatus({ status }: ApiObject): ObjectStatus | undefined {
  return withoutConditions(status, [Parsed]);
}

export function identityOf({ metadata }: ApiObject): Identity {
  const { uid, generation, creationTimestamp, finalizers, signature, lastApplied } = metadata;
  return { uid, generation, creationTimestamp, finalizers, signature, lastApplied };
}

export function isVersion(version: FileVersion | undefined, stat: FileVersion): boolean {
  return version?.ino === stat.ino && version.size === stat.size && version.mtimeMs === stat.mtimeMs;
}

function withProblem(
  status: ObjectStatus | undefined,
  problem: Problem | undefined,
): ObjectStatus | undefined {
  if (!problem) return status;
  const { reason, message, since } = problem;
  const parsed: Omit<Condition, 'lastTransitionTime'> = { type: Parsed, status: 'False', reason, message };
  return { ...status, conditions: setConditions(status?.conditions, [parsed], new Date(since)) };
}
