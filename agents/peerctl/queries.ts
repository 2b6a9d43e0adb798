import { findKind, KINDS, type Kind } from '../../api/kinds.ts';
import { nearest } from '../../api/meta/names.ts';
import { UsageError } from './errors.ts';

/** What a person asked for: some objects of one kind by name, or all of them. */
export interface Query {
  kind: Kind;
  /** Names or ids. Empty: every object. */
  names: string[];
}

/**
 * Understands `deployments`, `deploy web db`, `deployment/web peer/alice`, `deployments,peers`, `all`,
 * and a bare name or id, which is a Deployment's.
 * @throws UsageError
 */
export function parseQueries(words: readonly string[]): Query[] {
  const [first = '', ...names] = words;
  if (first === 'all')
    return [
      { kind: 'Deployment', names },
      { kind: 'TrustedPeer', names },
    ];
  const kinds = first.split(',').map(findKind);
  if (kinds.every((kind) => kind !== undefined)) return kinds.map(({ kind }) => ({ kind, names }));
  const queries = new Map<Kind, string[]>();
  for (const [kind, name] of words.map(parseReference))
    queries.set(kind, [...(queries.get(kind) ?? []), name]);
  return [...queries].map(([kind, found]) => ({ kind, names: found }));
}

function parseReference(word: string): [Kind, string] {
  const [kind, name, ...more] = word.split('/');
  if (name === undefined) return ['Deployment', word];
  const info = findKind(kind ?? '');
  if (!info) throw new UsageError(unknownKind(kind ?? ''));
  if (!name || more.length > 0) throw new UsageError(`"${word}" is not KIND/NAME`);
  return [info.kind, name];
}

/** What to say of a word that names no kind. */
export function unknownKind(word: string): string {
  const near = nearestKind(word);
  const known = KINDS.map(({ plural }) => plural).join(', ');
  return `there is no kind "${word}"${near ? `; did you mean ${near}?` : `; there are ${known}`}`;
}

/** The kind that a misspelt word may have meant. */
export function nearestKind(word: string): string | undefined {
  return nearest(
    word,
    KINDS.flatMap(({ plural, singular }) => [plural, singular]),
  );
}
