import { dirname, join } from 'node:path';
import { codeOf, isAbsent, named, onFile } from './file-errors.ts';
import type { FileStat, FileSystem } from './file-system.ts';
import { newUID } from './new-uid.ts';

/** Begins the names of files that are not yet what they will be; nothing else in a state directory begins so. */
export const TEMPORARY = '.tmp-';

export interface WriteFileOptions {
  /** Whether it must survive a power loss. A crash of the process alone loses nothing either way. */
  durable: boolean;
}

export function temporaryIn(directory: string): string {
  return join(directory, `${TEMPORARY}${newUID()}`);
}

/** Writes a whole file, not yet synced; it is removed again when that fails. */
export function createFile(fileSystem: FileSystem, path: string, text: string): FileStat {
  const fd = fileSystem.open(path, 'w');
  try {
    return onFile(path, () => {
      try {
        writeAll(fileSystem, fd, Buffer.from(text));
        return fileSystem.statOpen(fd);
      } finally {
        fileSystem.close(fd);
      }
    });
  } catch (error) {
    discard(fileSystem, path);
    throw error;
  }
}

/** Puts `text` in place of a file in one step: whoever reads sees all of the old or all of the new. */
export async function replaceFile(
  fileSystem: FileSystem,
  path: string,
  text: string,
  { durable }: WriteFileOptions,
): Promise<void> {
  const temporary = temporaryIn(dirname(path));
  createFile(fileSystem, temporary, text);
  try {
    if (durable) await syncAll(fileSystem, [temporary]);
    fileSystem.rename(temporary, path);
  } catch (error) {
    discard(fileSystem, temporary);
    throw error;
  }
  if (durable) await syncAll(fileSystem, [dirname(path)]);
}

/** Makes the bytes of files, and the entries of directories, survive a power loss. */
export async function syncAll(fileSystem: FileSystem, paths: readonly string[]): Promise<void> {
  const flushes = await Promise.allSettled(paths.map((path) => sync(fileSystem, path)));
  for (const flush of flushes) if (flush.status === 'rejected') throw flush.reason;
}

/** Makes a directory and those above it that are missing; each is synced into its parent. */
export async function ensureDirectory(fileSystem: FileSystem, path: string): Promise<void> {
  if (fileSystem.stat(path)) return;
  const parent = dirname(path);
  await ensureDirectory(fileSystem, parent);
  try {
    fileSystem.makeDirectory(path);
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error; // Another process was faster.
  }
  await syncAll(fileSystem, [parent]);
}

/** Removes a file. Absent is success, answered with false. */
export function removeFile(fileSystem: FileSystem, path: string): boolean {
  try {
    fileSystem.unlink(path);
    return true;
  } catch (error) {
    if (isAbsent(error)) return false;
    throw error;
  }
}

/** Removes a file that nobody will miss while another error is on its way: what remains is swept later. */
export function discard(fileSystem: FileSystem, path: string): void {
  try {
    removeFile(fileSystem, path);
  } catch {
    // The error that led here tells the caller more than this one would.
  }
}

/** A file's text, or undefined where there is none. */
export function readIfThere(fileSystem: FileSystem, path: string): string | undefined {
  try {
    return onFile(path, () => fileSystem.readText(path));
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error;
  }
}

export function writeAll(fileSystem: FileSystem, fd: number, bytes: Uint8Array): void {
  for (let written = 0; written < bytes.length; ) {
    const count = fileSystem.write(fd, bytes.subarray(written));
    if (count === 0) throw Object.assign(new Error('no room'), { code: 'ENOSPC', syscall: 'write' });
    written += count;
  }
}

async function sync(fileSystem: FileSystem, path: string): Promise<void> {
  const fd = fileSystem.open(path, 'r');
  try {
    await fileSystem.sync(fd);
  } catch (error) {
    throw named(path, error);
  } finally {
    fileSystem.close(fd);
  }
}
