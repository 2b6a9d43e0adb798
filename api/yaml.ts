import { constructFromEvents, dump, parseEvents, YAMLException } from 'js-yaml';
import type { Kind } from './kinds.ts';
import { decodeManifest, formatPath } from './scheme.ts';
import { type Lines, lineOf, locate } from './source-lines.ts';
import type { ManifestOf } from './v1alpha1/types.ts';

/** A mistake in a file, for a person: `deploy.yaml:12: spec.replicas: must not be negative`. */
export interface SourceError {
  file: string;
  /** Counted from 1. */
  line: number;
  /** Empty where the text is not YAML at all. */
  path: string;
  message: string;
}

/** A manifest and where it was written. */
export interface SourceManifest<K extends Kind = Kind> {
  file: string;
  line: number;
  /** With its defaults. */
  manifest: ManifestOf<K>;
  /** As it was written: what it does not say, it does not own. */
  written: unknown;
}

/** Thrown with every mistake of every document, so that a person mends a file once. */
export class InvalidManifestError extends Error {
  readonly errors: readonly SourceError[];

  constructor(errors: readonly SourceError[]) {
    super(errors.map(formatSourceError).join('\n'));
    this.name = 'InvalidManifestError';
    this.errors = errors;
  }
}

/** One manifest is at most as large as the wire carries (api/protocol/limits); a file holds many. */
export const MAX_FILE_BYTES = 16 * 1024 * 1024;

/** Deep enough for any manifest; a document nested further is an attack on the parser's stack. */
const MAX_DEPTH = 64;

/** Aliases are a convenience of a few; thousands are a "billion laughs". */
const MAX_ALIASES = 100;

export function formatSourceError({ file, line, path, message }: SourceError): string {
  return `${file}:${line}: ${path ? `${path}: ` : ''}${message}`;
}

/**
 * Reads every document of a YAML or JSON text as a manifest with its defaults.
 * @throws InvalidManifestError with all mistakes.
 */
export function parseManifests(text: string, file: string): SourceManifest[] {
  if (text.length > MAX_FILE_BYTES)
    fail(file, 1, `the file has more than ${MAX_FILE_BYTES / 1024 / 1024} MiB`);
  const documents = parseDocuments(text, file);
  const decoded = documents.map(({ value, lines }) => ({ value, lines, result: decodeManifest(value) }));
  const errors = decoded.flatMap(({ lines, result }) =>
    result.ok
      ? []
      : result.errors.map(({ path, message }) => ({
          file,
          line: lineOf(lines, path),
          path: formatPath(path),
          message,
        })),
  );
  if (errors.length > 0) throw new InvalidManifestError(errors);
  return decoded.flatMap(({ value, lines, result }) =>
    result.ok ? [{ file, line: lineOf(lines, []), manifest: result.value, written: value }] : [],
  );
}

/** YAML in the order the object was written, without aliases. */
export function toYaml(value: unknown): string {
  return dump(value, { noRefs: true, lineWidth: -1, skipInvalid: true });
}

interface SourceDocument {
  value: unknown;
  lines: Lines;
}

function parseDocuments(text: string, file: string): SourceDocument[] {
  try {
    const events = parseEvents(text, { filename: file, maxDepth: MAX_DEPTH });
    const values = constructFromEvents(events, { source: text, filename: file, maxAliases: MAX_ALIASES });
    const lines = locate(events, text);
    return values
      .map((value, index) => ({ value, lines: lines[index] ?? new Map() }))
      .filter(({ value }) => value !== null && value !== undefined);
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error;
    return fail(file, (error.mark?.line ?? 0) + 1, `not valid YAML: ${error.reason}`);
  }
}

function fail(file: string, line: number, message: string): never {
  throw new InvalidManifestError([{ file, line, path: '', message }]);
}
