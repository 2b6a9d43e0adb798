import type { ApiObject } from '../../../api/meta/object.ts';

/**
 * Lets the versions of an object share their spec for as long as its generation does not move: most
 * writes are of statuses, and a history of thousands of them need not hold as many specs.
 */
export class SpecSharing {
  readonly #latest = new Map<string, ApiObject>();

  /** The object, with the spec of its predecessor where that is the same. */
  share(key: string, object: ApiObject): ApiObject {
    const before = this.#latest.get(key)?.metadata;
    const { uid, generation } = object.metadata;
    const isSame = before?.uid === uid && before.generation === generation;
    const shared = isSame ? { ...object, spec: this.#latest.get(key)?.spec } : object;
    this.#latest.set(key, shared);
    return shared;
  }

  forget(key: string): void {
    this.#latest.delete(key);
  }

  clear(): void {
    this.#latest.clear();
  }
}
