import type { Kind } from '../../../api/kinds.ts';
import type { MergePatch } from '../../../api/meta/merge-patch.ts';
import { type ApiObject, formatKey, keyOf, type ObjectKey } from '../../../api/meta/object.ts';
import type { ObjectOf } from '../../../api/v1alpha1/types.ts';
import type { Clock } from '../../../controllers/ports/clock.ts';
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
} from '../../../controllers/ports/store.ts';
import { EventWindow } from './event-window.ts';
import { checkKey, checkKind } from './keys.ts';
import {
  applyObject,
  deleteObject,
  type Mutation,
  type MutationContext,
  patchObjectStatus,
} from './mutations.ts';
import { patchObject } from './patch.ts';
import { isListed } from './selection.ts';
import { loadValidation } from './validation.ts';

/** A Store that forgets: for tests, and for what need not outlive its program. */
export class MemoryStore implements Store {
  readonly #clock: Clock;
  readonly #objects = new Map<string, ApiObject>();
  readonly #windows = new Map<Kind, EventWindow>();
  #revision = 0;

  constructor({ clock }: { clock: Clock }) {
    this.#clock = clock;
  }

  async get<K extends Kind>(key: ObjectKey<K>): Promise<ObjectOf<K> | undefined> {
    return this.#find(key) as ObjectOf<K> | undefined;
  }

  async list<K extends Kind>(kind: K, options: ListOptions = {}): Promise<List<K>> {
    const items = this.#all(checkKind(kind).kind).filter(({ metadata }) => isListed(metadata, options));
    return { items: items as unknown as ObjectOf<K>[], resourceVersion: String(this.#revision) };
  }

  async *watch<K extends Kind>(kind: K, options: WatchOptions): AsyncGenerator<WatchEvent<K>> {
    const window = this.#window(checkKind(kind).kind);
    const events =
      options.resourceVersion === undefined
        ? window.watchFrom({ objects: this.#all(kind), revision: this.#revision }, options)
        : window.resume(options.resourceVersion, this.#revision, options);
    yield* events as AsyncIterable<WatchEvent<K>>;
  }

  async apply<K extends Kind>(object: Applicable<K>, options: WriteOptions = {}): Promise<Applied<K>> {
    const mutation = applyObject(this.#find(keyOf(object)), object, options, this.#context());
    const operation = mutation.operation as Applied<K>['operation'];
    return { operation, object: this.#commit(mutation, options) as ObjectOf<K> };
  }

  async patch<K extends Kind>(
    key: ObjectKey<K>,
    patch: MergePatch,
    options: PatchOptions = {},
  ): Promise<ObjectOf<K>> {
    const validation = await loadValidation();
    return this.#commit(
      patchObject(this.#find(key), key, patch, options, validation),
      options,
    ) as ObjectOf<K>;
  }

  async patchStatus<K extends Kind>(
    key: ObjectKey<K>,
    patch: MergePatch,
    options: WriteOptions = {},
  ): Promise<ObjectOf<K>> {
    return this.#commit(patchObjectStatus(this.#find(key), key, patch, options), options) as ObjectOf<K>;
  }

  async delete<K extends Kind>(
    key: ObjectKey<K>,
    options: DeleteOptions = {},
  ): Promise<ObjectOf<K> | undefined> {
    const mutation = deleteObject(this.#find(key), options, this.#context());
    return mutation && (this.#commit(mutation, options) as ObjectOf<K>);
  }

  #find(key: ObjectKey): ApiObject | undefined {
    return this.#objects.get(formatKey(checkKey(key)));
  }

  /** By key, as a directory lists them. */
  #all(kind: Kind): ApiObject[] {
    const found = [...this.#objects].filter(([, object]) => object.kind === kind);
    return found.sort(([a], [b]) => (a < b ? -1 : 1)).map(([, object]) => object);
  }

  #context(): MutationContext {
    return { now: new Date(this.#clock.now()), newUID: () => crypto.randomUUID() };
  }

  #window(kind: Kind): EventWindow {
    const window = this.#windows.get(kind) ?? new EventWindow(0);
    this.#windows.set(kind, window);
    return window;
  }

  #commit({ operation, object }: Mutation, { dryRun }: WriteOptions): ApiObject {
    if (operation === 'unchanged' || dryRun) return object;
    const revision = ++this.#revision;
    const next = { ...object, metadata: { ...object.metadata, resourceVersion: String(revision) } };
    const id = formatKey(keyOf(next));
    const before = this.#objects.get(id)?.metadata.labels;
    if (operation === 'deleted') this.#objects.delete(id);
    else this.#objects.set(id, next);
    const type = { created: 'ADDED', configured: 'MODIFIED', deleted: 'DELETED' } as const;
    this.#window(next.kind as Kind).append({ type: type[operation], object: next, before }, revision);
    return next;
  }
}
