import { join, relative } from 'node:path';
import { createFile, ensureDirectory } from './durable-file.ts';
import type { FileSystem } from './file-system.ts';
import type { Layout } from './layout.ts';
import { newUID } from './new-uid.ts';

/** Sets a damaged file aside, for a person to look at. Answers where it is now. */
export async function quarantine(fileSystem: FileSystem, layout: Layout, path: string): Promise<string> {
  const target = await place(fileSystem, layout, path);
  fileSystem.rename(path, target);
  return target;
}

/** Keeps a copy of what a person wrote before it is overwritten. */
export async function keepCopy(fileSystem: FileSystem, layout: Layout, path: string): Promise<string> {
  const target = await place(fileSystem, layout, path);
  createFile(fileSystem, target, fileSystem.readText(path));
  return target;
}

/** A name of its own that still tells where the file was; 200 characters of it, as names end at 255. */
async function place(
  fileSystem: FileSystem,
  { directory, quarantine }: Layout,
  path: string,
): Promise<string> {
  await ensureDirectory(fileSystem, quarantine);
  const origin = relative(directory, path).replaceAll('/', '_').slice(-200);
  return join(quarantine, `${newUID().slice(0, 8)}-${origin}`);
}
