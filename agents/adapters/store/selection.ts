import { type Labels, matches } from '../../../api/meta/labels.ts';
import type { ObjectMeta } from '../../../api/meta/object.ts';
import type { ListOptions } from '../../../controllers/ports/store.ts';

/** Whether the place of an object, which never changes, is among those asked for. */
export function inScope(
  { owner, namespace }: Pick<ObjectMeta, 'owner' | 'namespace'>,
  options: ListOptions,
): boolean {
  if (options.owner !== undefined && options.owner !== (owner ?? '')) return false;
  return options.namespace === undefined || options.namespace === namespace;
}

/** Whether the labels of an object, which may change, are those asked for. */
export function isSelected(labels: Labels | undefined, { selector }: ListOptions): boolean {
  return selector === undefined || matches(selector, labels);
}

export function isListed(metadata: ObjectMeta, options: ListOptions): boolean {
  return inScope(metadata, options) && isSelected(metadata.labels, options);
}
