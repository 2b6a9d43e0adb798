/**
 * The path of a member called `__proto__`, which JavaScript confuses with what an object inherits from: schemas of
 * maps leave it out without a word, and a copy of it may be taken for the object's own ancestry. Undefined where
 * there is none. For trees: a value that refers to itself has no end.
 */
export function prototypeKey(value: unknown): PropertyKey[] | undefined {
  if (Array.isArray(value)) return firstBelow(value.entries());
  if (typeof value !== 'object' || value === null) return undefined;
  if (Object.hasOwn(value, '__proto__')) return ['__proto__'];
  return firstBelow(Object.entries(value));
}

function firstBelow(members: Iterable<[PropertyKey, unknown]>): PropertyKey[] | undefined {
  for (const [key, inner] of members) {
    const below = prototypeKey(inner);
    if (below) return [key, ...below];
  }
  return undefined;
}
