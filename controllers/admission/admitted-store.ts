import type { Kind } from '../../api/kinds.ts';
import { canonicalHash } from '../../api/meta/canonical.ts';
import { type MergePatch, mergePatch } from '../../api/meta/merge-patch.ts';
import { keyOf, type ObjectKey } from '../../api/meta/object.ts';
import { StatusError } from '../../api/meta/status-error.ts';
import { decode, formatPath, specSchema } from '../../api/scheme.ts';
import type { ObjectOf, TrustedPeer } from '../../api/v1alpha1/types.ts';
import type {
  Applicable,
  Applied,
  DeleteOptions,
  List,
  ListOptions,
  PatchOptions,
  Store,
  WatchEvent,
  WatchOptions,
  WriteOptions,
} from '../ports/store.ts';
import { forbidden } from './authorize.ts';
import { type Self, selfView } from './self-view.ts';
import type { Usage } from './usage.ts';

/** What a peer may do here. */
export interface PeerAdmission {
  /** The one kind that peers write. */
  readonly kind: Kind;
  /** Who the caller is. @throws StatusError `Forbidden` when it is nobody, or no longer somebody. */
  trusted(peerID: string): TrustedPeer;
  /**
   * Checks a spec that was decoded. The returned function takes back what it reserves, for a write that then fails.
   * @throws StatusError `Forbidden`
   */
  admit(key: ObjectKey, spec: ObjectOf<Kind>['spec']): () => void;
  /** What the peer uses here, where that is counted. */
  usage?(peerID: string): Usage;
}

export interface AdmittedStoreComponents {
  store: Store;
  admission: PeerAdmission;
  /** What a caller is told of this machine. */
  self: Self;
}

export interface AdmittedStoreInit {
  /** Peer ID of who uses it. */
  caller: string;
  /** What a new object is created with, for a controller that is to let it go and would otherwise have to write it again. */
  finalizers?: string[];
}

/**
 * The Store as one peer may use it: its own objects and nothing else, each write admitted first.
 * A dry run passes the same checks and reserves nothing.
 */
export class AdmittedStore implements Store {
  readonly #components: AdmittedStoreComponents;
  readonly #caller: string;
  readonly #finalizers: string[] | undefined;

  constructor(components: AdmittedStoreComponents, { caller, finalizers }: AdmittedStoreInit) {
    this.#components = components;
    this.#caller = caller;
    this.#finalizers = finalizers;
  }

  async get<K extends Kind>(key: ObjectKey<K>): Promise<ObjectOf<K> | undefined> {
    const caller = this.#trusted();
    if (key.kind === 'TrustedPeer') return this.#self(caller) as ObjectOf<K>;
    return this.#components.store.get(this.#own(key));
  }

  async list<K extends Kind>(kind: K, options: ListOptions = {}): Promise<List<K>> {
    const caller = this.#trusted();
    if (kind === 'TrustedPeer') return { items: [this.#self(caller) as ObjectOf<K>], resourceVersion: '0' };
    return this.#components.store.list(kind, { ...options, owner: this.#caller });
  }

  async *watch<K extends Kind>(kind: K, options: WatchOptions): AsyncIterable<WatchEvent<K>> {
    this.#trusted();
    if (kind === 'TrustedPeer')
      throw new StatusError('BadRequest', 'TrustedPeers cannot be watched from outside; list them');
    yield* this.#components.store.watch(kind, { ...options, owner: this.#caller });
  }

  async apply<K extends Kind>(object: Applicable<K>, options: WriteOptions = {}): Promise<Applied<K>> {
    const { store } = this.#components;
    const owned = { ...object, metadata: { ...object.metadata, owner: this.#caller } };
    const release = this.#admit(keyOf(owned), object.spec);
    return this.#write(release, options, async () => {
      const isNew = this.#finalizers && !(await store.get(keyOf(owned)));
      if (isNew) owned.metadata.finalizers = this.#finalizers;
      return store.apply(owned, options);
    });
  }

  async patch<K extends Kind>(
    key: ObjectKey<K>,
    patch: MergePatch,
    options: PatchOptions = {},
  ): Promise<ObjectOf<K>> {
    const own = this.#own(key);
    const current = await this.get(key);
    if (!current)
      throw new StatusError(
        'NotFound',
        `${key.kind} ${key.namespace}/${key.name} is not here; send the whole object`,
      );
    const { spec } = mergePatch({ spec: current.spec }, patch) as { spec: unknown };
    const release = this.#admit(own, spec);
    // What was admitted is the patch on this very spec, not on one that came in between.
    const base = options.base ?? canonicalHash(current.spec);
    return this.#write(release, options, () =>
      this.#components.store.patch(own, patch, { ...options, base }),
    );
  }

  patchStatus(): Promise<never> {
    return Promise.reject(
      forbidden('NotGranted', 'the status of an object is reported by the machine that acts on it'),
    );
  }

  async delete<K extends Kind>(
    key: ObjectKey<K>,
    options: DeleteOptions = {},
  ): Promise<ObjectOf<K> | undefined> {
    this.#trusted();
    this.#requireWritable(key.kind);
    return this.#components.store.delete(this.#own(key), options);
  }

  #trusted(): TrustedPeer {
    return this.#components.admission.trusted(this.#caller);
  }

  #own<K extends Kind>(key: ObjectKey<K>): ObjectKey<K> {
    return { ...key, owner: this.#caller };
  }

  #requireWritable(kind: Kind): void {
    const writable = this.#components.admission.kind;
    if (kind !== writable) throw forbidden('NotGranted', `a peer may write ${writable}s here, not ${kind}s`);
  }

  #admit(key: ObjectKey<Kind>, spec: unknown): () => void {
    this.#trusted();
    this.#requireWritable(key.kind);
    const decoded = decode(specSchema(key.kind), spec, ['spec']);
    if (decoded.ok) return this.#components.admission.admit(key, decoded.value as ObjectOf<Kind>['spec']);
    const [first] = decoded.errors;
    const field = formatPath(first?.path ?? []);
    throw new StatusError('Invalid', `${field}: ${first?.message}`, { cause: 'InvalidManifest', field });
  }

  /** A reservation lasts only when the write did. */
  async #write<T>(release: () => void, options: WriteOptions, write: () => Promise<T>): Promise<T> {
    try {
      const written = await write();
      if (options.dryRun) release();
      return written;
    } catch (error) {
      release();
      throw error;
    }
  }

  #self(caller: TrustedPeer): TrustedPeer {
    return selfView(caller, this.#components.admission.usage?.(this.#caller), this.#components.self);
  }
}
