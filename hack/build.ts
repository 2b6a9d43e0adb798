import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { type BuildOptions, build, type OutputFile } from 'esbuild';
import { ROOT, readGraph } from './bundle/graph.ts';
import { togetherInOneFile } from './bundle/one-file.ts';
import { usedBuiltins } from './bundle/used-builtins.ts';

/**
 * Builds dist/, or the directory given as the only argument: for each program one small executable entry, and in lib/ the modules that they share, bundled
 * and split so that a command loads what it uses and nothing else.
 */

/** The programs that there are, by the name of their command. */
const PROGRAMS = {
  peerctl: 'agents/peerctl/main.ts',
  peercomputed: 'agents/peercomputed/main.ts',
  gateway: 'agents/gateway/main.ts',
};

const OPTIONS = {
  absWorkingDir: ROOT,
  chunkNames: 'lib/[name]-[hash]',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node24',
  minify: true,
  legalComments: 'linked',
  // Native parts of ssh2, which does without them.
  external: ['cpu-features', '*.node'],
  write: false,
} satisfies BuildOptions;

/** What CommonJS packages expect to find; a file that does not ask for it need not pay for it. */
const COMMONJS: readonly (readonly [wanted: RegExp, line: string])[] = [
  [
    /typeof require\b/,
    'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);',
  ],
  [/\b__dirname\b/, 'const __dirname = import.meta.dirname;'],
];

/**
 * The file that the command `name` runs. Its syntax is that of Node 12, so that an old Node can say what it
 * lacks. Compiled code is cached where only the user can write: whoever writes there decides what runs here. Each
 * program has a cache of its own, since V8 takes no code that was compiled with other flags.
 */
function entry(name: string): string {
  return `#!/usr/bin/env node
if (Number(process.versions.node.split('.')[0]) < 24) {
  console.error('error: ${name} needs Node.js 24 or newer, and this is ' + process.versions.node + ': see https://nodejs.org');
  process.exit(2);
}
const { XDG_CACHE_HOME, HOME } = process.env;
const home = XDG_CACHE_HOME || (HOME && HOME + '/.cache');
if (home) {
  try {
    const cache = home + '/peercompute/${name}';
    process.getBuiltinModule('fs').mkdirSync(cache, { recursive: true, mode: 0o700 });
    process.getBuiltinModule('module').enableCompileCache(cache);
  } catch (error) {
    // Without a cache it only starts more slowly.
  }
}
import('./lib/${name}.js');
`;
}

async function main(dist: string): Promise<void> {
  const graph = await readGraph(Object.values(PROGRAMS));
  // Not the program itself: it waits for commands, and so must not be loaded with them.
  const core = [...graph.lightFrom(PROGRAMS.peerctl)].filter(
    (path) => path.endsWith('.ts') && path !== PROGRAMS.peerctl,
  );
  const { outputFiles } = await build({
    ...OPTIONS,
    outdir: dist,
    entryPoints: Object.fromEntries(Object.entries(PROGRAMS).map(([name, path]) => [`lib/${name}`, path])),
    plugins: [usedBuiltins, togetherInOneFile(core, graph.entries())],
  });
  // Only what an earlier build has made: a directory given by mistake keeps what is in it.
  await rm(join(dist, 'lib'), { recursive: true, force: true });
  for (const file of outputFiles) await write(file.path, withCommonJs(file), 0o644);
  for (const name of Object.keys(PROGRAMS)) await write(join(dist, `${name}.js`), entry(name), 0o755);
  const megabytes = outputFiles.reduce((sum, { contents }) => sum + contents.length, 0) / 1e6;
  console.log(
    `built ${Object.keys(PROGRAMS).join(' and ')} in ${dist}: ${outputFiles.length} files, ${megabytes.toFixed(1)} MB`,
  );
}

function withCommonJs({ path, text }: OutputFile): string {
  if (!path.endsWith('.js')) return text;
  const lines = COMMONJS.filter(([wanted]) => wanted.test(text)).map(([, line]) => `${line}\n`);
  return lines.join('') + text;
}

async function write(path: string, text: string, mode: number): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text, { mode });
}

await main(resolve(process.argv[2] ?? join(ROOT, 'dist')));
