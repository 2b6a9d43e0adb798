import type { Kind } from '../../../api/kinds.ts';
import { formatKey, keyOf } from '../../../api/meta/object.ts';
import type { AnyObject } from '../../../api/v1alpha1/types.ts';
import { UsageError } from '../errors.ts';
import { listOptions } from '../resources.ts';
import type { ReadableStore } from './plan.ts';
import type { Desired } from './read-manifests.ts';

/** Which of the objects that were applied once belong to the set that is applied now. */
export interface PruneScope {
  selector?: string | undefined;
  namespace?: string | undefined;
}

const KINDS: readonly Kind[] = ['Deployment', 'TrustedPeer'];

/**
 * Objects of the same set that are in none of its manifests any more: those with the selector's labels
 * or, without a selector, those that came from the same `-f`. What was never applied is never pruned.
 */
export async function findPrunable(
  store: ReadableStore,
  desired: readonly Desired[],
  { selector, namespace }: PruneScope,
): Promise<AnyObject[]> {
  const roots = new Set(desired.map(({ written }) => written.source));
  if (selector === undefined && roots.has('-'))
    throw new UsageError('--prune with -f - needs -l to say which objects belong together');
  const wanted = new Set(desired.map(({ manifest }) => formatKey(keyOf(manifest))));
  const lists = await Promise.all(
    KINDS.map((kind) => store.list(kind, listOptions(kind, { namespace, selector }))),
  );
  return lists
    .flatMap<AnyObject>(({ items }) => items)
    .filter(({ metadata }) => metadata.lastApplied !== undefined && metadata.deletionTimestamp === undefined)
    .filter(({ metadata }) => selector !== undefined || roots.has(metadata.lastApplied?.source))
    .filter((object) => !wanted.has(formatKey(keyOf(object))));
}
