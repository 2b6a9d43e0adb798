import type { Kind } from '../../../api/kinds.ts';
import type { ApiObject, Manifest, ObjectKey } from '../../../api/meta/object.ts';
import type { SourceError, SourceManifest } from '../../../api/yaml.ts';
import { later } from './later.ts';

/** What a manifest file says, or everything that is wrong with it. */
export type ManifestFile = { ok: true; manifest: Manifest } | { ok: false; errors: readonly SourceError[] };

/** The text of an object's manifest: what a person would have written, and no bookkeeping. */
export async function formatManifest({ apiVersion, kind, metadata, spec }: ApiObject): Promise<string> {
  const { toYaml } = await later.yaml();
  const { name, namespace, labels, annotations } = metadata;
  return toYaml({ apiVersion, kind, metadata: { name, namespace, labels, annotations }, spec });
}

/** Reads the manifest of the object that the file's place says it is. `file` is for messages. */
export async function parseManifest(text: string, file: string, key: ObjectKey<Kind>): Promise<ManifestFile> {
  const { InvalidManifestError, parseManifests } = await later.yaml();
  try {
    const manifests = parseManifests(text, file);
    const errors = misplacements(manifests, file, key);
    const manifest = manifests[0]?.manifest;
    return manifest && errors.length === 0 ? { ok: true, manifest } : { ok: false, errors };
  } catch (error) {
    if (error instanceof InvalidManifestError) return { ok: false, errors: error.errors };
    throw error;
  }
}

/** The first of several mistakes, as a condition shows it: `<file>:<line>: <path>: <problem>`. */
export async function summarize(errors: readonly SourceError[]): Promise<string> {
  const { formatSourceError } = await later.yaml();
  const [first, ...others] = errors.map(formatSourceError);
  return others.length > 0 ? `${first} (and ${others.length} more)` : (first ?? '');
}

/** A file is one object, and its place is the object's key. */
function misplacements(manifests: readonly SourceManifest[], file: string, key: ObjectKey): SourceError[] {
  const [only, second] = manifests;
  if (!only) return [{ file, line: 1, path: '', message: 'is empty; remove the file to delete the object' }];
  if (second)
    return [{ file, line: second.line, path: '', message: 'is a second object; give it a file of its own' }];
  const { kind, metadata } = only.manifest;
  const found = { kind, 'metadata.namespace': metadata.namespace, 'metadata.name': metadata.name };
  const wanted = { kind: key.kind, 'metadata.namespace': key.namespace, 'metadata.name': key.name };
  return Object.entries(wanted)
    .filter(([path, value]) => found[path as keyof typeof found] !== value)
    .map(([path, value]) => ({
      file,
      line: only.line,
      path,
      message: `must be ${value}, as its place says`,
    }));
}
