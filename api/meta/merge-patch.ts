export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** A JSON merge patch (RFC 7386): null removes, objects merge, all else replaces. */
export type MergePatch = Json;

/** `target` after `patch`. Neither is changed; parts that did not change are shared. */
export function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch;
  const merged = new Map(Object.entries(isObject(target) ? target : {}));
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) merged.delete(key);
    else merged.set(key, mergePatch(merged.get(key), value));
  }
  return Object.fromEntries(merged);
}

/** The smallest patch that turns `from` into `to`, or undefined when they are equal. `to` must hold no null. */
export function diffPatch(from: unknown, to: unknown): MergePatch | undefined {
  if (isObject(from) && isObject(to)) return diffObjects(from, to);
  return deepEqual(from, to) ? undefined : (to as Json);
}

/**
 * What `kubectl apply` does: fields of `manifest` win, fields that the last apply had and this one
 * does not are removed, and all others (set by `scale`, `restart`, ...) stay.
 */
export function threeWayMerge(lastApplied: unknown, live: unknown, manifest: unknown): unknown {
  const merged = mergePatch(live, manifest);
  const removed = diffPatch(lastApplied, manifest);
  return isObject(removed) ? mergePatch(merged, removed) : merged;
}

/** Equal as JSON: a member that is undefined is a member that is not there. */
export function deepEqual(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((item, i) => deepEqual(item, b[i]));
  if (!isObject(a) || !isObject(b)) return false;
  const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...keys].every((key) => deepEqual(own(a, key), own(b, key)));
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function diffObjects(from: Record<string, unknown>, to: Record<string, unknown>): MergePatch | undefined {
  const patch = new Map<string, Json>();
  for (const key of Object.keys(from))
    if (own(from, key) !== undefined && own(to, key) === undefined) patch.set(key, null);
  for (const [key, value] of Object.entries(to)) {
    if (value === undefined) continue;
    const inner = diffPatch(own(from, key), value);
    if (inner !== undefined) patch.set(key, inner);
  }
  return patch.size > 0 ? (Object.fromEntries(patch) as Json) : undefined;
}

/** Keys come from other machines: `constructor` must not find Object's. */
function own(object: Record<string, unknown>, key: string): unknown {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}
