import type { Kind } from '../../api/kinds.ts';
import type { Selector } from '../../api/meta/labels.ts';
import type { MergePatch } from '../../api/meta/merge-patch.ts';
import type { ManifestMeta, ObjectKey, ObjectMeta } from '../../api/meta/object.ts';
import type { ObjectOf } from '../../api/v1alpha1/types.ts';

/** What must hold when the write happens; otherwise it fails with `Conflict` and changes nothing. */
export interface Preconditions {
  resourceVersion?: string;
  uid?: string;
}

export interface WriteOptions extends Preconditions {
  /** Validate and answer as if written, but write nothing. */
  dryRun?: boolean;
}

/** What a signed diff vouches for: hashes (api/meta/canonical) of the whole spec before and after it. */
export interface PatchOptions extends WriteOptions {
  base?: string;
  result?: string;
  /** Hash of `spec.expose` afterwards, where there is one; travels inside the signature. */
  expose?: string | undefined;
  /** The writer's own generation of the object; travels inside the signature. */
  generation?: number;
  /** Replaces `metadata.signature`. */
  signature?: string;
}

/** An object to store: a manifest and, from a machine, the bookkeeping that it may set. */
export interface Applicable<K extends Kind> {
  apiVersion: string;
  kind: K;
  metadata: ManifestMeta &
    Partial<Pick<ObjectMeta, 'owner' | 'uid' | 'generation' | 'finalizers' | 'signature' | 'lastApplied'>>;
  spec: ObjectOf<K>['spec'];
}

export interface Applied<K extends Kind> {
  object: ObjectOf<K>;
  operation: 'created' | 'configured' | 'unchanged';
}

export interface ListOptions {
  /** Only objects of this owner; `''` for those without one. Default: every owner. */
  owner?: string;
  namespace?: string;
  selector?: Selector;
}

export interface List<K extends Kind> {
  items: ObjectOf<K>[];
  /** A watch from here misses nothing that this list does not show. */
  resourceVersion: string;
}

export interface WatchOptions extends ListOptions {
  /** Resume after this version. Without it the watch begins with every object as ADDED, then a BOOKMARK. */
  resourceVersion?: string;
  signal: AbortSignal;
}

export type WatchEvent<K extends Kind> =
  | { type: 'ADDED' | 'MODIFIED' | 'DELETED'; object: ObjectOf<K> }
  | { type: 'BOOKMARK'; resourceVersion: string };

/**
 * Desired and observed state, on this machine or on a peer's. Every method rejects with a
 * {@link StatusError}; objects it returns are the caller's to keep but not to change.
 */
export interface Store {
  get<K extends Kind>(key: ObjectKey<K>): Promise<ObjectOf<K> | undefined>;

  list<K extends Kind>(kind: K, options?: ListOptions): Promise<List<K>>;

  /**
   * Ordered, unique, reliable and resumable. Ends only by the signal or by a StatusError: `Expired`
   * when the version is too old or the reader too slow (list again), `ServiceUnavailable` when a peer went away.
   */
  watch<K extends Kind>(kind: K, options: WatchOptions): AsyncIterable<WatchEvent<K>>;

  /**
   * Makes labels, annotations and spec exactly those given; never touches status. An identical apply
   * is `unchanged` and moves nothing. Bookkeeping that is not given stays. `Conflict` while the
   * object is being deleted, or when `metadata.uid` is given and another object has the name.
   */
  apply<K extends Kind>(object: Applicable<K>, options?: WriteOptions): Promise<Applied<K>>;

  /** Merges into labels, annotations, finalizers and spec; never touches status. `NotFound` without an object. */
  patch<K extends Kind>(key: ObjectKey<K>, patch: MergePatch, options?: PatchOptions): Promise<ObjectOf<K>>;

  /**
   * Merges into status; never touches spec or generation. A power loss may bring back an older status,
   * but none from before the object itself was last changed.
   */
  patchStatus<K extends Kind>(
    key: ObjectKey<K>,
    patch: MergePatch,
    options?: WriteOptions,
  ): Promise<ObjectOf<K>>;

  /**
   * Two-phase: with finalizers it sets `deletionTimestamp` and answers the object; when the last
   * finalizer is patched away the object goes. Deleting what is absent answers undefined.
   */
  delete<K extends Kind>(key: ObjectKey<K>, options?: DeleteOptions): Promise<ObjectOf<K> | undefined>;
}

export interface DeleteOptions extends WriteOptions {
  /** Overrides the containers' own grace period, in seconds. */
  gracePeriodSeconds?: number;
}
