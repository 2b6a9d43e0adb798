import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { manifestJsonSchema } from '../api/json-schema.ts';
import { KINDS } from '../api/kinds.ts';
import { fieldTables } from './generate/field-tables.ts';

/**
 * Writes what follows from the schemas of the kinds: JSON Schemas, by which editors complete and check
 * manifests, and the tables of the reference. With --check it writes nothing, and fails when they are stale.
 */

const ROOT = join(import.meta.dirname, '..');
const SCHEMAS = 'manifests/schemas';
const REFERENCE = 'docs/reference/v1alpha1';

/** What the generated files are to be, by their path. */
function generate(): Map<string, string> {
  const files = new Map<string, string>();
  for (const info of KINDS) {
    const schema = { title: info.kind, ...manifestJsonSchema(info.kind) };
    files.set(join(SCHEMAS, `${info.singular}.json`), `${JSON.stringify(schema, null, 2)}\n`);
    files.set(join(REFERENCE, `${info.singular}.md`), fieldTables(info));
  }
  return files;
}

/** Paths whose files are not what they are to be, and files that should not be there. */
async function stale(files: ReadonlyMap<string, string>): Promise<string[]> {
  const wrong = await Promise.all(
    [...files].map(async ([path, text]) => ((await read(path)) === text ? [] : [path])),
  );
  const present = (await readdir(join(ROOT, SCHEMAS))).map((name) => join(SCHEMAS, name));
  return [...wrong.flat(), ...present.filter((path) => !files.has(path))];
}

async function read(path: string): Promise<string | undefined> {
  return readFile(join(ROOT, path), 'utf8').catch(() => undefined);
}

async function main(): Promise<void> {
  const files = generate();
  if (process.argv.includes('--check')) {
    const paths = await stale(files);
    if (paths.length === 0) return;
    console.error(`stale: ${paths.join(', ')}\nrun: node hack/generate.ts`);
    process.exitCode = 1;
    return;
  }
  await rm(join(ROOT, SCHEMAS), { recursive: true, force: true });
  for (const [path, text] of files) {
    await mkdir(join(ROOT, path, '..'), { recursive: true });
    await writeFile(join(ROOT, path), text);
  }
}

await main();
