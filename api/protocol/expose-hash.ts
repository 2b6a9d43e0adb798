import { canonicalHash } from '../meta/canonical.ts';
import { isObject } from '../meta/merge-patch.ts';

/** Hash of the expose section of a spec; undefined where it has none. */
export function exposeHash(spec: unknown): string | undefined {
  return isObject(spec) && spec.expose !== undefined ? canonicalHash(spec.expose) : undefined;
}
