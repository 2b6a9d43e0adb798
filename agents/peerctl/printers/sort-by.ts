import type { AnyObject } from '../../../api/v1alpha1/types.ts';
import { compilePath } from './jsonpath.ts';
import { shown } from './structured.ts';

/** Sorted by the field at `path`; objects without it come first, as they are. @throws UsageError */
export function sortBy<T extends AnyObject>(objects: readonly T[], path: string): T[] {
  const select = compilePath(path);
  return objects
    .map((object) => ({ object, key: select(shown(object))[0] }))
    .sort((a, b) => compare(a.key, b.key))
    .map(({ object }) => object);
}

function compare(a: unknown, b: unknown): number {
  if (a === undefined || b === undefined) return Number(a !== undefined) - Number(b !== undefined);
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  const [left, right] = [String(a), String(b)];
  return left < right ? -1 : Number(left > right);
}
