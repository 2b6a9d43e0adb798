import type { Kind } from '../../api/kinds.ts';
import { formatKey, keyOf, type ObjectKey } from '../../api/meta/object.ts';
import type { ObjectOf } from '../../api/v1alpha1/types.ts';
import type { Logger } from '../ports/logger.ts';

/** What to do when an object has changed. Must be quick: it is called between two events. */
export interface InformerHandler<K extends Kind> {
  onAdd?(object: ObjectOf<K>): void;
  /** Also at every resync, with an object that may not have changed at all. */
  onUpdate?(before: ObjectOf<K>, after: ObjectOf<K>): void;
  onDelete?(object: ObjectOf<K>): void;
}

/** Objects of one kind by key, and whoever wants to know how they change. */
export class Cache<K extends Kind> {
  readonly #logger: Logger;
  readonly #objects = new Map<string, ObjectOf<K>>();
  readonly #handlers = new Set<InformerHandler<K>>();

  constructor({ logger }: { logger: Logger }) {
    this.#logger = logger;
  }

  get(key: ObjectKey<K>): ObjectOf<K> | undefined {
    return this.#objects.get(formatKey(key));
  }

  list(): ObjectOf<K>[] {
    return [...this.#objects.values()];
  }

  /** The handler sees every object that is here at once; the returned function removes it. */
  addHandler(handler: InformerHandler<K>): () => void {
    this.#handlers.add(handler);
    for (const object of this.list()) this.#tell(() => handler.onAdd?.(object), [handler]);
    return () => this.#handlers.delete(handler);
  }

  /** Makes the objects exactly these; with `resync` those that are the same are shown as well. */
  replace(objects: readonly ObjectOf<K>[], resync: boolean): void {
    const listed = new Set(objects.map(id));
    for (const [key, object] of this.#objects) if (!listed.has(key)) this.remove(object);
    for (const object of objects) this.put(object, resync);
  }

  put(object: ObjectOf<K>, resync = false): void {
    const cached = this.#objects.get(id(object));
    const same = cached?.metadata.uid === object.metadata.uid;
    if (cached && !same) this.remove(cached);
    if (same && !resync && cached.metadata.resourceVersion === object.metadata.resourceVersion) return;
    this.#objects.set(id(object), object);
    this.#tell((handler) => (same ? handler.onUpdate?.(cached, object) : handler.onAdd?.(object)));
  }

  /** The end of an earlier object of the same name is not the end of this one. */
  remove(object: ObjectOf<K>): void {
    if (this.#objects.get(id(object))?.metadata.uid !== object.metadata.uid) return;
    this.#objects.delete(id(object));
    this.#tell((handler) => handler.onDelete?.(object));
  }

  /** A handler that throws must not cost the others their event, nor the informer its watch. */
  #tell(
    call: (handler: InformerHandler<K>) => void,
    handlers: Iterable<InformerHandler<K>> = this.#handlers,
  ) {
    for (const handler of handlers) {
      try {
        call(handler);
      } catch (error) {
        this.#logger.error('Handler of an informer threw', { error });
      }
    }
  }
}

function id<K extends Kind>(object: ObjectOf<K>): string {
  return formatKey(keyOf(object));
}
