import { type FSWatcher, watch as watchNatively } from 'node:fs';
import { basename, dirname, sep } from 'node:path';
import { isAbsent } from './file-errors.ts';
import { later } from './later.ts';

export interface HintsInit {
  /** Files and directories; they need not exist yet. */
  paths: string[];
  /** Files of one directory that programs write many times a second: each change is told at once. */
  busy: string[];
  /** A file there may have changed, or come, or gone. */
  onChange(path: string): void;
  /** From here on changes are noticed. */
  onReady(): void;
  onError(error: unknown): void;
}

/** Watches files until it is closed. What it misses, the resync finds. */
export async function watchFiles({
  paths,
  busy,
  onChange,
  onReady,
  onError,
}: HintsInit): Promise<{ close(): Promise<void> }> {
  const { watch } = await later.chokidar();
  const isInside = (path: string) => paths.some((root) => path.startsWith(root + sep));
  const isHidden = (path: string) => basename(path).startsWith('.') && isInside(path);
  const watcher = watch(paths, { ignoreInitial: true, ignored: isHidden });
  watcher.on('all', (event, path) => {
    if (!event.endsWith('Dir')) onChange(path);
  });
  watcher.on('ready', onReady).on('error', onError);
  const busyWatcher = watchBusy(busy, onChange)?.on('error', onError);
  return {
    close() {
      busyWatcher?.close();
      return watcher.close();
    },
  };
}

/** chokidar holds back what follows a change within 50 ms. Undefined while there is no such directory. */
function watchBusy(
  [first = '', ...others]: string[],
  onChange: (path: string) => void,
): FSWatcher | undefined {
  const paths = new Map([first, ...others].map((path) => [basename(path), path]));
  try {
    return watchNatively(dirname(first), (_, name) => {
      const path = paths.get(name ?? '');
      if (path !== undefined) onChange(path);
    });
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error;
  }
}
