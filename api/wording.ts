import { en } from 'zod/locales';
import type * as z from 'zod/mini';

/** What YAML calls the types. */
const TYPES: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a mapping',
  record: 'a mapping',
};

type Wording = ReturnType<z.core.$ZodErrorMap>;

const { localeError } = en();

/**
 * Says what a value must be where its schema does not say so itself: zod would speak of types and patterns
 * to somebody who writes YAML. What is left to zod are texts that only machines write.
 */
export function wording(issue: z.core.$ZodRawIssue): Wording {
  switch (issue.code) {
    case 'invalid_type':
      return wrongType(issue.expected, issue.input);
    case 'invalid_value':
      return `must be ${listing(issue.values.map(String))}`;
    case 'too_small':
      return issue.minimum === 0
        ? 'must not be negative'
        : `must ${amount(issue.origin, 'at least', issue.minimum)}`;
    case 'too_big':
      return `must ${amount(issue.origin, 'at most', issue.maximum)}`;
    case 'invalid_key':
      return `is no key: ${issue.issues[0]?.message}`;
    default:
      return localeError(issue);
  }
}

function wrongType(expected: string, input: unknown): string {
  const needed = `must be ${TYPES[expected] ?? expected}`;
  if (input === null) return `${needed}, and is empty here`;
  // YAML takes 8080, 1.10, true and the like for something else than the text that is meant.
  if (expected === 'string' && typeof input !== 'object') return `${needed}: put it in quotes`;
  if (typeof input === 'boolean') return `${needed}, not ${input}`;
  const given = Array.isArray(input) ? 'array' : typeof input;
  const remedy = expected === 'array' && given !== 'object' ? ': put it in [ ]' : '';
  // Such as a number that is not finite.
  return given === expected ? needed : `${needed}, not ${TYPES[given] ?? given}${remedy}`;
}

function amount(origin: string, bound: string, number: number | bigint): string {
  if (origin === 'string') return `have ${bound} ${number} characters`;
  return origin === 'array' ? `have ${bound} ${number} entries` : `be ${bound} ${number}`;
}

/** `A, B or C` */
function listing(words: readonly string[]): string {
  return [words.slice(0, -1).join(', '), ...words.slice(-1)].filter(Boolean).join(' or ');
}
