import type { Kind } from '../../api/kinds.ts';
import { formatKey, keyOf, type ObjectKey } from '../../api/meta/object.ts';
import type { ObjectOf } from '../../api/v1alpha1/types.ts';
import type { Logger } from '../ports/logger.ts';
import type { Holding } from './holding.ts';

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
  #holding: Holding | undefined;

  /** @param components.holding Bounds what is put here. Default: nothing does. */
  constructor({ logger, holding }: { logger: Logger; holding?: Holding | undefined }) {
    this.#logger = logger;
    this.#holding = holding;
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

  /**
   * Makes the objects exactly these; with `resync` those that are the same are shown as well.
   * @throws StatusError, and changes nothing, when that is more than may be held.
   */
  replace(objects: readonly ObjectOf<K>[], resync: boolean): void {
    const listed = new Map(objects.map((object) => [id(object), object]));
    const isKept = (object: ObjectOf<K>) => !resync && this.#isKnown(object);
    this.#holding = this.#holding?.replaced(
      [...listed].map(([key, object]) => [key, isKept(object) ? undefined : object]),
    );
    for (const [key, object] of this.#objects) if (!listed.has(key)) this.#drop(object);
    for (const object of listed.values()) if (!isKept(object)) this.#set(object);
  }

  /** @throws StatusError, and changes nothing, when that is more than may be held. */
  put(object: ObjectOf<K>): void {
    if (this.#isKnown(object)) return;
    this.#holding?.put(id(object), object);
    this.#set(object);
  }

  /** The end of an earlier object of the same name is not the end of this one. */
  remove(object: ObjectOf<K>): void {
    if (!this.#isOfSame(object)) return;
    this.#holding?.remove(id(object));
    this.#drop(object);
  }

  #set(object: ObjectOf<K>): void {
    const cached = this.#objects.get(id(object));
    const same = this.#isOfSame(object);
    if (cached && !same) this.#drop(cached);
    this.#objects.set(id(object), object);
    this.#tell((handler) => (cached && same ? handler.onUpdate?.(cached, object) : handler.onAdd?.(object)));
  }

  #drop(object: ObjectOf<K>): void {
    this.#objects.delete(id(object));
    this.#tell((handler) => handler.onDelete?.(object));
  }

  /** Whether it is the very version that is here. */
  #isKnown(object: ObjectOf<K>): boolean {
    const { resourceVersion } = this.#objects.get(id(object))?.metadata ?? {};
    return this.#isOfSame(object) && resourceVersion === object.metadata.resourceVersion;
  }

  /** Whether it is a version of the object that is here, and not of another one of its name. */
  #isOfSame(object: ObjectOf<K>): boolean {
    return this.#objects.get(id(object))?.metadata.uid === object.metadata.uid;
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
