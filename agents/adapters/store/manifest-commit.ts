import { dirname } from 'node:path';
import { encodeChecked } from './checked-json.ts';
import { checksum } from './checksum.ts';
import { createFile, discard, ensureDirectory, removeFile, syncAll, temporaryIn } from './durable-file.ts';
import type { FileSystem } from './file-system.ts';
import type { ObjectPaths } from './layout.ts';
import { type FileVersion, isVersion, type ObjectRecord, type Stamp } from './records.ts';

/** A record and the manifest that goes with it. */
export interface ManifestCommit {
  record: Omit<ObjectRecord, 'manifest'>;
  /** Undefined: the object is going, and its manifest with it. */
  text: string | undefined;
  /** The manifest that this one takes the place of, where there is one. */
  replaces: FileVersion | undefined;
}

/** The paths of an object that has a manifest. */
export type ManifestPaths = ObjectPaths & { manifest: string };

/** Someone edited the manifest in the very moment it was to be replaced. */
export class EditedMeanwhile extends Error {
  constructor(path: string) {
    super(`${path} was edited meanwhile`);
    this.name = 'EditedMeanwhile';
  }
}

/**
 * Changes two files as one. The new record is made durable beside the old one, as `<name>.next`; then
 * the manifest is put in place, which decides; then the new record takes the old one's place. After a
 * crash `.next` counts if the manifest is the one it names ({@link isDecided}), and is void if not.
 */
export async function commitManifest(
  fileSystem: FileSystem,
  paths: ManifestPaths,
  { record, text, replaces }: ManifestCommit,
): Promise<ObjectRecord> {
  const directory = dirname(paths.manifest);
  const temporary = temporaryIn(directory);
  await ensureDirectory(fileSystem, dirname(paths.record));
  if (text !== undefined) await ensureDirectory(fileSystem, directory);
  const next: ObjectRecord = { ...record };
  try {
    if (text !== undefined) next.manifest = stampOf(createFile(fileSystem, temporary, text), text);
    createFile(fileSystem, paths.next, encodeChecked(next));
    const files = text === undefined ? [] : [temporary];
    await syncAll(fileSystem, [...files, paths.next, dirname(paths.next)]);
    checkUnedited(fileSystem, paths.manifest, replaces);
    if (text === undefined) removeFile(fileSystem, paths.manifest);
    else fileSystem.rename(temporary, paths.manifest);
  } catch (error) {
    if (text !== undefined) discard(fileSystem, temporary);
    discard(fileSystem, paths.next);
    throw error;
  }
  if (fileSystem.stat(directory)) await syncAll(fileSystem, [directory]);
  fileSystem.rename(paths.next, paths.record);
  return next;
}

/** Whether a write that was cut off after making `next` had come so far that it is done. */
export function isDecided(fileSystem: FileSystem, manifest: string, next: ObjectRecord): boolean {
  const stat = fileSystem.stat(manifest);
  return stat ? isVersion(next.manifest, stat) : next.manifest === undefined;
}

export function stampOf({ ino, size, mtimeMs }: FileVersion, text: string): Stamp {
  return { checksum: checksum(text), ino, size, mtimeMs };
}

function checkUnedited(fileSystem: FileSystem, path: string, replaces: FileVersion | undefined): void {
  const stat = fileSystem.stat(path);
  if (stat && !isVersion(replaces, stat)) throw new EditedMeanwhile(path);
}
