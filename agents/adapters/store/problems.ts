import { join } from 'node:path';
import { KINDS, type Kind } from '../../../api/kinds.ts';
import type { SourceError } from '../../../api/yaml.ts';
import { readIfThere } from './durable-file.ts';
import type { FileSystem } from './file-system.ts';
import { isKey } from './keys.ts';
import { isEphemeral, type Layout, MANIFEST_SUFFIX, type Place, places } from './layout.ts';
import { parseManifest } from './manifest-file.ts';

/** What people call a YAML file, and what of it is looked at. */
const OTHER_SUFFIX = '.yml';

/** Every mistake in every manifest of a state directory, also of those that are no objects for it. */
export async function findProblems(fileSystem: FileSystem, layout: Layout): Promise<SourceError[]> {
  const problems: SourceError[] = [];
  for (const { kind } of KINDS.filter(({ kind }) => !isEphemeral(kind)))
    for (const place of places(fileSystem, layout, 'manifests', kind))
      for (const { name, isDirectory } of place.entries)
        if (!isDirectory) problems.push(...(await problemsOf(fileSystem, kind, place, name)));
  return problems;
}

async function problemsOf(
  fileSystem: FileSystem,
  kind: Kind,
  { directory, owner, namespace }: Place,
  fileName: string,
): Promise<readonly SourceError[]> {
  const file = join(directory, fileName);
  const found = (message: string) => [{ file, line: 1, path: '', message }];
  if (fileName.startsWith('.')) return [];
  if (fileName.endsWith(OTHER_SUFFIX)) return found(`is not looked at; end its name in ${MANIFEST_SUFFIX}`);
  if (!fileName.endsWith(MANIFEST_SUFFIX)) return [];
  const key = { kind, owner, namespace, name: fileName.slice(0, -MANIFEST_SUFFIX.length) };
  if (!isKey(key)) return found('is not named as an object can be: lower-case letters, digits, "-"');
  const text = readIfThere(fileSystem, file);
  const manifest = text === undefined ? undefined : await parseManifest(text, file, key);
  return manifest && !manifest.ok ? manifest.errors : [];
}
