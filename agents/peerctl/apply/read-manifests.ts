import { type Kind, kindInfo } from '../../../api/kinds.ts';
import { formatKey, keyOf, type LastApplied } from '../../../api/meta/object.ts';
import type { ManifestOf } from '../../../api/v1alpha1/types.ts';
import {
  InvalidManifestError,
  parseManifests,
  type SourceError,
  type SourceManifest,
} from '../../../api/yaml.ts';
import type { Context } from '../context.ts';
import { CommandError, ExitCode, UsageError } from '../errors.ts';
import { DEFAULT_NAMESPACE } from '../resources.ts';
import { readSources, type Source } from './read-sources.ts';

/** What a person wants one object to be, and where it is written. */
export interface Desired {
  file: string;
  line: number;
  manifest: ManifestOf<Kind>;
  /** What the manifest says itself: only this is merged, so that defaults override nothing. */
  written: LastApplied;
}

export interface ManifestFlags {
  filename: readonly string[];
  recursive: boolean;
  namespace?: string | undefined;
}

/**
 * Reads and validates every manifest that the flags name.
 * @throws InvalidManifestError with every mistake in every file.
 */
export async function readManifests(context: Context, flags: ManifestFlags): Promise<Desired[]> {
  if (flags.filename.length === 0) throw new UsageError('say which manifests: -f FILE');
  const sources = await readSources(context, flags.filename, flags.recursive);
  const parsed = sources.map(parse);
  const errors = parsed.flatMap((result) => ('errors' in result ? result.errors : []));
  const desired = parsed.flatMap((result) =>
    'manifests' in result
      ? result.manifests.map((manifest) => toDesired(manifest, result.source, flags))
      : [],
  );
  const all = [...errors, ...desired.flatMap(({ problems }) => problems), ...duplicates(desired)];
  if (all.length > 0) throw new InvalidManifestError(all);
  if (desired.length === 0)
    throw new CommandError(`${flags.filename.join(', ')}: no manifests in it`, ExitCode.Usage);
  return desired;
}

type ParsedSource = { source: Source; manifests: SourceManifest[] } | { errors: readonly SourceError[] };

function parse(source: Source): ParsedSource {
  try {
    return { source, manifests: parseManifests(source.text, source.file) };
  } catch (error) {
    if (error instanceof InvalidManifestError) return { errors: error.errors };
    throw error;
  }
}

interface Checked extends Desired {
  problems: SourceError[];
}

function toDesired(found: SourceManifest, { root }: Source, { namespace }: ManifestFlags): Checked {
  const { file, line, manifest } = found;
  const written = found.written as { metadata: { namespace?: string }; spec: unknown };
  const { labels, annotations } = manifest.metadata;
  const problem = (path: string, message: string): SourceError => ({ file, line, path, message });
  const problems: SourceError[] = [];
  if (manifest.kind === 'Event')
    problems.push(problem('kind', 'events are written by machines and cannot be applied'));
  if (namespace !== undefined && ![undefined, namespace].includes(written.metadata.namespace))
    problems.push(
      problem('metadata.namespace', `is "${written.metadata.namespace}", but -n says "${namespace}"`),
    );
  return {
    file,
    line,
    problems,
    manifest: inNamespace(manifest, written.metadata.namespace ?? namespace ?? DEFAULT_NAMESPACE),
    written: {
      ...(labels && { labels }),
      ...(annotations && { annotations }),
      spec: written.spec,
      source: root,
    },
  };
}

function inNamespace(manifest: ManifestOf<Kind>, namespace: string): ManifestOf<Kind> {
  if (!kindInfo(manifest.kind).namespaced) return manifest;
  return { ...manifest, metadata: { ...manifest.metadata, namespace } } as ManifestOf<Kind>;
}

/** The same object written twice: which of the two is meant is not ours to guess. */
function duplicates(desired: readonly Desired[]): SourceError[] {
  const first = new Map<string, Desired>();
  const errors: SourceError[] = [];
  for (const one of desired) {
    const key = formatKey(keyOf(one.manifest));
    const before = first.get(key);
    const { file, line, manifest } = one;
    if (before)
      errors.push({
        file,
        line,
        path: 'metadata.name',
        message: `${manifest.kind} "${manifest.metadata.name}" is written already in ${before.file}:${before.line}`,
      });
    else first.set(key, one);
  }
  return errors;
}
