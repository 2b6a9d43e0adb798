import { readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import type { Plugin } from 'esbuild';
import { ROOT } from './graph.ts';

const NAME = 'together-in-one-file';

/**
 * esbuild gives modules a file of their own for every set of entries that need them: some forty files for
 * what each command needs, and each costs time to open. If every entry needs all of them, they are one set
 * and so one file. It is loaded first in any case, so that this makes nothing load earlier.
 */
export function togetherInOneFile(modules: readonly string[], entries: ReadonlySet<string>): Plugin {
  return {
    name: NAME,
    setup({ onResolve, onLoad }) {
      onResolve({ filter: new RegExp(`^${NAME}$`) }, ({ path }) => ({ path, namespace: NAME }));
      onLoad({ filter: /.*/, namespace: NAME }, () => ({
        contents: modules.map((path) => `import ${JSON.stringify(join(ROOT, path))};`).join('\n'),
        resolveDir: ROOT,
      }));
      onLoad({ filter: /\.ts$/ }, async ({ path }) => {
        if (!entries.has(relative(ROOT, path))) return undefined;
        return { contents: `import ${JSON.stringify(NAME)};\n${await readFile(path, 'utf8')}`, loader: 'ts' };
      });
    },
  };
}
