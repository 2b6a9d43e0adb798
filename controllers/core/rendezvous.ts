import { createHash } from 'node:crypto';

/**
 * The candidate that a key belongs to (rendezvous hashing): the same one for as long as it is among them, whoever comes
 * and goes besides. Keys spread evenly.
 */
export function rendezvous<T>(
  key: string,
  candidates: readonly T[],
  idOf: (candidate: T) => string,
): T | undefined {
  const weighed = candidates.map((candidate) => ({ candidate, weight: weightOf(key, idOf(candidate)) }));
  return weighed.sort((a, b) => (a.weight < b.weight ? -1 : 1))[0]?.candidate;
}

function weightOf(key: string, id: string): string {
  return createHash('sha256').update(`${key} ${id}`).digest('hex');
}
