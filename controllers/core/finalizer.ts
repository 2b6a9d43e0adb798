import { keyOf, type ObjectKey } from '../../api/meta/object.ts';
import type { AnyObject } from '../../api/v1alpha1/types.ts';
import type { Store } from '../ports/store.ts';

/**
 * Makes sure that the object does not go before {@link removeFinalizer}; one that is being deleted is
 * left as it is. Answers the object as it is now.
 * @throws StatusError Conflict when the object has changed since it was read.
 */
export async function ensureFinalizer<T extends AnyObject>(
  store: Store,
  object: T,
  finalizer: string,
): Promise<T> {
  const { finalizers = [], deletionTimestamp } = object.metadata;
  if (deletionTimestamp || finalizers.includes(finalizer)) return object;
  return setFinalizers(store, object, [...finalizers, finalizer]);
}

/**
 * Lets the object go: with its last finalizer one that is being deleted is gone. Answers it as it is now, or was.
 * @throws StatusError Conflict when the object has changed since it was read.
 */
export async function removeFinalizer<T extends AnyObject>(
  store: Store,
  object: T,
  finalizer: string,
): Promise<T> {
  const { finalizers = [] } = object.metadata;
  const others = finalizers.filter((other) => other !== finalizer);
  return others.length === finalizers.length ? object : setFinalizers(store, object, others);
}

/** A merge patch replaces the whole list, so it must be made of the newest one. */
async function setFinalizers<T extends AnyObject>(store: Store, object: T, finalizers: string[]): Promise<T> {
  const { resourceVersion } = object.metadata;
  const key = keyOf(object) as ObjectKey<T['kind']>;
  const written: unknown = await store.patch(key, { metadata: { finalizers } }, { resourceVersion });
  return written as T;
}
