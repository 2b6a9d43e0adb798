import type { EventSpec } from '../../api/v1alpha1/event.ts';

/** Bounds of what is kept; what was seen longest ago goes first. */
export const MAX_EVENTS_PER_OBJECT = 25;
export const MAX_EVENTS = 1_000;

/** The events there should be. What is seen again is counted, not repeated. */
export class EventLedger {
  /** In the order in which they were last seen. */
  readonly #entries = new Map<string, EventSpec>();

  get(key: string): EventSpec | undefined {
    return this.#entries.get(key);
  }

  get size(): number {
    return this.#entries.size;
  }

  /** Adds sightings of the event `key`. Answers the keys of those that had to make room. */
  add(key: string, seen: EventSpec): string[] {
    const before = this.#entries.get(key);
    this.#entries.delete(key);
    const dropped = before ? [] : this.#makeRoom(seen.regarding.uid);
    this.#entries.set(key, before ? merge(before, seen) : seen);
    return dropped;
  }

  /** Puts what an earlier run of the program has left before everything seen since. Answers as {@link add} does. */
  restore(stored: Iterable<[key: string, EventSpec]>): string[] {
    const recent = [...this.#entries];
    this.#entries.clear();
    const dropped = [...stored, ...recent].flatMap(([key, seen]) => this.add(key, seen));
    return dropped.filter((key) => !this.#entries.has(key));
  }

  /** For one more about the object `uid`. */
  #makeRoom(uid: string): string[] {
    const keys = [...this.#entries.keys()];
    const same = keys.filter((key) => this.#entries.get(key)?.regarding.uid === uid);
    const surplus = new Set([...beyond(keys, MAX_EVENTS - 1), ...beyond(same, MAX_EVENTS_PER_OBJECT - 1)]);
    for (const key of surplus) this.#entries.delete(key);
    return [...surplus];
  }
}

function merge(before: EventSpec, seen: EventSpec): EventSpec {
  return { ...seen, count: before.count + seen.count, firstTimestamp: before.firstTimestamp };
}

/** The oldest keys that are more than `limit`. */
function beyond(keys: string[], limit: number): string[] {
  return keys.slice(0, Math.max(0, keys.length - limit));
}
