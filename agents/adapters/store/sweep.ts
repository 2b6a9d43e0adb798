import { join } from 'node:path';
import type { Kind } from '../../../api/kinds.ts';
import { discard, TEMPORARY } from './durable-file.ts';
import { TAKEOVER } from './file-lock.ts';
import type { FileSystem } from './file-system.ts';
import { type Layout, places } from './layout.ts';

/** No write takes a minute: what has been temporary for longer belongs to a process that died. */
const STALE_MS = 60_000;

/** Removes temporary files that dead processes left among the files of a kind. */
export function sweep(fileSystem: FileSystem, layout: Layout, kind: Kind): void {
  const directories = (['manifests', 'records', 'status'] as const).flatMap((tree) => [
    ...places(fileSystem, layout, tree, kind),
  ]);
  if (fileSystem.stat(layout.directory))
    directories.push({
      directory: layout.directory,
      owner: undefined,
      namespace: undefined,
      entries: fileSystem.readDirectory(layout.directory),
    });
  for (const { directory, entries } of directories)
    for (const { name } of entries)
      if (name.startsWith(TEMPORARY) || name.startsWith(TAKEOVER)) remove(fileSystem, join(directory, name));
}

function remove(fileSystem: FileSystem, path: string): void {
  const stat = fileSystem.stat(path);
  if (stat && fileSystem.now() - stat.mtimeMs > STALE_MS) discard(fileSystem, path);
}
