import { watch as watchNatively } from 'node:fs';
import { basename, dirname, sep } from 'node:path';
import { isAbsent } from './file-errors.ts';
import { later } from './later.ts';

/** Hints may be missed: what they do not tell, a resync finds. */
export interface Hints {
  close(): Promise<void> | void;
}

interface HintsInit {
  /** A file there may have changed, or come, or gone. */
  onChange(path: string): void;
  onError(error: unknown): void;
}

/**
 * Watches files of one directory that programs write many times a second. Not by chokidar, which looks at every file of
 * the directory when one changes, and holds back what follows within 50 ms. Undefined while there is no such directory.
 */
export function watchBusy([first = '', ...others]: string[], init: HintsInit): Hints | undefined {
  const paths = new Map([first, ...others].map((path) => [basename(path), path]));
  try {
    const watcher = watchNatively(dirname(first), (_, name) => {
      const path = paths.get(name ?? '');
      if (path !== undefined) init.onChange(path);
    });
    return watcher.on('error', init.onError);
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error;
  }
}

/** Watches files and whole directories, which need not exist yet. From `onReady` on changes are noticed. */
export async function watchEdits(
  paths: string[],
  { onChange, onReady, onError }: HintsInit & { onReady(): void },
): Promise<Hints> {
  const { watch } = await later.chokidar();
  const isInside = (path: string) => paths.some((root) => path.startsWith(root + sep));
  const isHidden = (path: string) => basename(path).startsWith('.') && isInside(path);
  const watcher = watch(paths, { ignoreInitial: true, ignored: isHidden });
  watcher.on('all', (event, path) => {
    if (!event.endsWith('Dir')) onChange(path);
  });
  return watcher.on('ready', onReady).on('error', onError);
}
