import type { AnyObject, Event } from '../../api/v1alpha1/types.ts';
import type { Store } from '../../controllers/ports/store.ts';

/** The events about one object, oldest first. */
export async function eventsOf(store: Store, { metadata }: AnyObject): Promise<Event[]> {
  const { items } = await store.list('Event');
  return byTime(items.filter(({ spec }) => spec.regarding.uid === metadata.uid));
}

/** Oldest first, by when each was last seen. */
export function byTime(events: readonly Event[]): Event[] {
  return [...events].sort((a, b) => Date.parse(a.spec.lastTimestamp) - Date.parse(b.spec.lastTimestamp));
}
