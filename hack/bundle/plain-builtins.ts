import type { Plugin } from 'esbuild';

/**
 * Takes Node's own modules by name instead of importing them. An import makes Node name every export,
 * which loads what stands behind each of them: `node:fs` brings streams and readline, `node:util` worker
 * threads, `node:crypto` the whole of WebCrypto - several milliseconds each, for nothing.
 */
export const plainBuiltins: Plugin = {
  name: 'plain-builtins',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^node:/ }, ({ path, kind }) =>
      kind === 'import-statement' ? { path, namespace: 'plain-builtins' } : undefined,
    );
    onLoad({ filter: /.*/, namespace: 'plain-builtins' }, ({ path }) => ({
      contents: `module.exports = process.getBuiltinModule(${JSON.stringify(path)});`,
      loader: 'js',
    }));
  },
};
