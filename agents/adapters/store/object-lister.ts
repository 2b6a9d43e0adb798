import type { Kind } from '../../../api/kinds.ts';
import { formatKey, type ObjectKey } from '../../../api/meta/object.ts';
import type { ListOptions } from '../../../controllers/ports/store.ts';
import type { FileSystem } from './file-system.ts';
import { isKey } from './keys.ts';
import {
  isEphemeral,
  type Layout,
  MANIFEST_SUFFIX,
  NEXT_SUFFIX,
  type Place,
  places,
  RECORD_SUFFIX,
} from './layout.ts';

/** The keys of all objects of a kind that have a record or a manifest, or are getting one, in order. Other files are none of ours. */
export function listKeys(
  fileSystem: FileSystem,
  layout: Layout,
  kind: Kind,
  scope: Pick<ListOptions, 'owner' | 'namespace'> = {},
): ObjectKey<Kind>[] {
  const keys = new Map<string, ObjectKey<Kind>>();
  const add = (place: Place, suffix: string) => {
    for (const key of keysAt(place, kind, suffix)) keys.set(formatKey(key), key);
  };
  for (const place of places(fileSystem, layout, 'records', kind, scope))
    for (const suffix of [RECORD_SUFFIX, NEXT_SUFFIX]) add(place, suffix);
  if (!isEphemeral(kind))
    for (const place of places(fileSystem, layout, 'manifests', kind, scope)) add(place, MANIFEST_SUFFIX);
  return [...keys].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, key]) => key);
}

/** The keys of the files in one directory that end in `suffix`. */
export function keysAt({ owner, namespace, entries }: Place, kind: Kind, suffix: string): ObjectKey<Kind>[] {
  return entries
    .filter(({ name, isDirectory }) => !isDirectory && name.endsWith(suffix))
    .map(({ name }) => ({ kind, owner, namespace, name: name.slice(0, -suffix.length) }))
    .filter(isKey);
}
