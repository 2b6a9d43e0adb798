import { createRequire } from 'node:module';
import type { Plugin } from 'esbuild';

const NAMESPACE = 'used-builtins';

/** What every start needs. Node has them in memory before any of ours, but not all that they export. */
const BUILTINS = /^node:(fs|module|os|path|util|v8)$/;

const require = createRequire(import.meta.url);

/**
 * Takes, in our own modules, from Node's what is used of them, and nothing else. An import makes Node look up every
 * export, and so load what stands behind each: `node:fs` brings streams and readline, `node:util` workers.
 * That takes as long as everything that `peerctl get` does by itself.
 */
export const usedBuiltins: Plugin = {
  name: NAMESPACE,
  setup({ onResolve, onLoad }) {
    onResolve({ filter: BUILTINS }, ({ path, importer }) =>
      importer.includes('node_modules') ? undefined : { path, namespace: NAMESPACE },
    );
    onLoad({ filter: /.*/, namespace: NAMESPACE }, ({ path }) => {
      const names = Object.getOwnPropertyNames(require(path)).filter((name) => /^\w+$/.test(name));
      const lines = names.map(
        (name) => `export const ${name} = /* @__PURE__ */ take(${JSON.stringify(name)});`,
      );
      const module = `/* @__PURE__ */ process.getBuiltinModule(${JSON.stringify(path)})`;
      return {
        contents: `const take = (name) => module[name];\nconst module = ${module};\n${lines.join('\n')}`,
        loader: 'js',
      };
    });
  },
};
