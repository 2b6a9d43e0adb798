import { type ConditionInput, dropConditions, setConditions } from '../../api/meta/condition.ts';
import { diffPatch } from '../../api/meta/merge-patch.ts';
import { keyOf, type ObjectKey } from '../../api/meta/object.ts';
import type { AnyObject } from '../../api/v1alpha1/types.ts';
import type { Clock } from '../ports/clock.ts';
import type { Store } from '../ports/store.ts';

/** Fields that a writer is responsible for: one that is undefined is removed, one not named stays. No nulls. */
export type StatusFields<T extends AnyObject> = Partial<Omit<NonNullable<T['status']>, 'conditions'>>;

/** Writes statuses, and nothing where nothing has changed. */
export class StatusWriter {
  readonly #store: Store;
  readonly #clock: Clock;

  constructor({ store, clock }: { store: Store; clock: Clock }) {
    this.#store = store;
    this.#clock = clock;
  }

  /**
   * Brings the status of `object`, as it was read, to these fields and conditions; conditions of other types
   * stay, those of the types in `dropped` go. Answers the object as it is now.
   * @throws StatusError Conflict when the object has changed since it was read.
   */
  async write<T extends AnyObject>(
    object: T,
    fields: StatusFields<T>,
    conditions: readonly ConditionInput[] = [],
    dropped: readonly string[] = [],
  ): Promise<T> {
    const before = object.status ?? {};
    const kept = dropConditions(before.conditions, dropped);
    const now = new Date(this.#clock.now());
    const patch = diffPatch(before, {
      ...before,
      ...fields,
      conditions: nonEmpty(setConditions(kept, conditions, now)),
    });
    if (patch === undefined) return object;
    const { resourceVersion } = object.metadata;
    const key = keyOf(object) as ObjectKey<T['kind']>;
    const written: unknown = await this.#store.patchStatus(key, patch, { resourceVersion });
    return written as T;
  }
}

/** An object nobody says anything about has no list of conditions at all. */
function nonEmpty<T>(list: T[]): T[] | undefined {
  return list.length > 0 ? list : undefined;
}
