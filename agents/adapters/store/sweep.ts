import { join } from 'node:path';
import type { Kind } from '../../../api/kinds.ts';
import { discard, TEMPORARY } from './durable-file.ts';
import type { FileSystem } from './file-system.ts';
import { type Layout, type Place, places, RECORD_SUFFIX } from './layout.ts';
import { keysAt } from './object-lister.ts';

/** No write takes a minute: what has been temporary for longer belongs to a process that died. */
const STALE_MS = 60_000;

/** Removes what dead processes left among the files of a kind: temporary files, and statuses of nobody. */
export function sweep(fileSystem: FileSystem, layout: Layout, kind: Kind): void {
  const { directory } = layout;
  if (!fileSystem.stat(directory)) return;
  const found = [{ directory, entries: fileSystem.readDirectory(directory) }];
  for (const tree of ['manifests', 'records', 'status'] as const)
    found.push(...places(fileSystem, layout, tree, kind));
  for (const { directory: parent, entries } of found)
    for (const { name } of entries)
      if (name.startsWith(TEMPORARY)) removeStale(fileSystem, join(parent, name));
  for (const place of places(fileSystem, layout, 'status', kind))
    removeOrphans(fileSystem, layout, kind, place);
}

function removeOrphans(fileSystem: FileSystem, layout: Layout, kind: Kind, place: Place): void {
  for (const key of keysAt(place, kind, RECORD_SUFFIX)) {
    const { manifest, record, status } = layout.paths(key);
    if (fileSystem.stat(record) || (manifest && fileSystem.stat(manifest))) continue;
    removeStale(fileSystem, status);
  }
}

function removeStale(fileSystem: FileSystem, path: string): void {
  const stat = fileSystem.stat(path);
  if (stat && fileSystem.now() - stat.mtimeMs > STALE_MS) discard(fileSystem, path);
}
