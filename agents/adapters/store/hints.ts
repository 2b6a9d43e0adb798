import { basename, sep } from 'node:path';

export interface HintsInit {
  /** Files and directories; they need not exist yet. */
  paths: string[];
  /** A file there may have changed, or come, or gone. */
  onChange(path: string): void;
  /** From here on changes are noticed. */
  onReady(): void;
  onError(error: unknown): void;
}

/** Watches files until it is closed. What it misses, the resync finds. */
export async function watchFiles({
  paths,
  onChange,
  onReady,
  onError,
}: HintsInit): Promise<{ close(): Promise<void> }> {
  const { watch } = await import('chokidar');
  const isInside = (path: string) => paths.some((root) => path.startsWith(root + sep));
  const isHidden = (path: string) => basename(path).startsWith('.') && isInside(path);
  const watcher = watch(paths, { ignoreInitial: true, ignored: isHidden });
  watcher.on('all', (event, path) => {
    if (!event.endsWith('Dir')) onChange(path);
  });
  watcher.on('ready', onReady).on('error', onError);
  return watcher;
}
