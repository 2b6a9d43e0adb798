import type { Kind } from '../../api/kinds.ts';
import { checkShown, sizeOf } from '../../api/protocol/shown.ts';

/** How much a peer makes us hold of a kind: never more than api/protocol/limits says. */
export class Holding {
  readonly #peer: string;
  readonly #kind: Kind;
  readonly #sizes = new Map<string, number>();
  #bytes = 0;

  constructor({ peer, kind }: { peer: string; kind: Kind }) {
    this.#peer = peer;
    this.#kind = kind;
  }

  /** @throws StatusError, and holds what it held, when it would be too much. */
  put(key: string, object: unknown): void {
    this.#add(key, sizeOf(object));
  }

  remove(key: string): void {
    this.#bytes -= this.#sizes.get(key) ?? 0;
    this.#sizes.delete(key);
  }

  /**
   * What is held when exactly these objects are; those that are undefined stay as they are.
   * @throws StatusError when that is too much.
   */
  replaced(objects: Iterable<[key: string, object: unknown]>): Holding {
    const next = new Holding({ peer: this.#peer, kind: this.#kind });
    for (const [key, object] of objects)
      next.#add(key, object === undefined ? (this.#sizes.get(key) ?? 0) : sizeOf(object));
    return next;
  }

  #add(key: string, size: number): void {
    const objects = this.#sizes.size + (this.#sizes.has(key) ? 0 : 1);
    const bytes = this.#bytes + size - (this.#sizes.get(key) ?? 0);
    checkShown(this.#peer, this.#kind, { objects, bytes });
    this.#sizes.set(key, size);
    this.#bytes = bytes;
  }
}
