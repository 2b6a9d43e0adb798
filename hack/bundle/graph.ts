import { join } from 'node:path';
import { build, type Metafile } from 'esbuild';

/** The root of the project. */
export const ROOT = join(import.meta.dirname, '../..');

/** Builtin modules that Node loads for itself before any of ours: naming them costs nothing. */
const FREE_BUILTINS: readonly string[] = ['node:fs', 'node:path', 'node:util', 'node:os'];

/** Which module imports which. Paths are relative to the root of the project. */
export class Graph {
  readonly #inputs: Metafile['inputs'];
  readonly #programs: readonly string[];

  constructor(inputs: Metafile['inputs'], programs: readonly string[]) {
    this.#inputs = inputs;
    this.#programs = programs;
  }

  /** Everything that is loaded together with `module`: what it imports, and what that imports. */
  loadedWith(module: string, found = new Set<string>()): Set<string> {
    if (found.has(module)) return found;
    found.add(module);
    for (const path of this.#imports(module, 'import-statement')) this.loadedWith(path, found);
    for (const path of this.#imports(module, 'require-call')) this.loadedWith(path, found);
    return found;
  }

  /** What is loaded with `module`, and what it may import later if that brings no package and no builtin that costs time. */
  lightFrom(module: string, light = new Set<string>()): Set<string> {
    for (const path of this.loadedWith(module)) {
      if (light.has(path)) continue;
      light.add(path);
      for (const later of this.#imports(path, 'dynamic-import'))
        if (this.#isLight(later)) this.lightFrom(later, light);
    }
    return light;
  }

  /** The programs, and whatever is imported later. */
  entries(): Set<string> {
    const later = Object.keys(this.#inputs).flatMap((path) => this.#imports(path, 'dynamic-import'));
    return new Set([...this.#programs, ...later]);
  }

  #isLight(module: string): boolean {
    return [...this.loadedWith(module)].every(
      (path) =>
        !path.includes('node_modules/') && this.#builtins(path).every((name) => FREE_BUILTINS.includes(name)),
    );
  }

  #imports(module: string, kind: string): string[] {
    const imports = this.#inputs[module]?.imports ?? [];
    return imports.filter((found) => found.kind === kind && !found.external).map(({ path }) => path);
  }

  #builtins(module: string): string[] {
    const imports = this.#inputs[module]?.imports ?? [];
    return imports
      .filter(({ external, kind }) => external && kind !== 'dynamic-import')
      .map(({ path }) => path);
  }
}

/** Reads the graph of some programs as a bundler sees it: types are not in it. */
export async function readGraph(programs: readonly string[]): Promise<Graph> {
  const { metafile } = await build({
    absWorkingDir: ROOT,
    entryPoints: [...programs],
    outdir: 'dist',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    external: ['cpu-features', '*.node'],
    write: false,
    metafile: true,
    logLevel: 'error',
  });
  return new Graph(metafile.inputs, programs);
}
