export type Labels = Record<string, string>;

interface Requirement {
  key: string;
  operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist';
  values: string[];
}

/** A parsed label selector; an empty one selects everything. */
export type Selector = readonly Requirement[];

const MAX_LENGTH = 4096;

const KEY = '[A-Za-z0-9][-A-Za-z0-9_./]*';
const SET = new RegExp(`^(${KEY})\\s+(in|notin)\\s+\\(([^()]*)\\)$`);
const EQUALITY = new RegExp(`^(${KEY})\\s*(==|=|!=)\\s*([-A-Za-z0-9_.]*)$`);
const PRESENCE = new RegExp(`^(!?)\\s*(${KEY})$`);

/**
 * kubectl's selector syntax: `a=b,c!=d,e in (f,g),h notin (i),j,!k`.
 * @throws RangeError naming the part that is not understood.
 */
export function parseSelector(text: string): Selector {
  // Cutting at commas looks ahead from each of them.
  if (text.length > MAX_LENGTH) throw new RangeError(`a label selector has at most ${MAX_LENGTH} characters`);
  const parts = text.split(/,(?![^()]*\))/).map((part) => part.trim());
  return parts.filter((part) => part !== '').map(parseRequirement);
}

export function matches(selector: Selector, labels: Labels = {}): boolean {
  return selector.every(({ key, operator, values }) => {
    const value = Object.hasOwn(labels, key) ? labels[key] : undefined;
    if (operator === 'Exists') return value !== undefined;
    if (operator === 'DoesNotExist') return value === undefined;
    return (value !== undefined && values.includes(value)) === (operator === 'In');
  });
}

function parseRequirement(part: string): Requirement {
  const set = SET.exec(part);
  if (set) {
    const values = (set[3] ?? '').split(',').map((value) => value.trim());
    return { key: set[1] ?? '', operator: set[2] === 'in' ? 'In' : 'NotIn', values };
  }
  const equality = EQUALITY.exec(part);
  if (equality)
    return {
      key: equality[1] ?? '',
      operator: equality[2] === '!=' ? 'NotIn' : 'In',
      values: [equality[3] ?? ''],
    };
  const presence = PRESENCE.exec(part);
  if (presence)
    return { key: presence[2] ?? '', operator: presence[1] ? 'DoesNotExist' : 'Exists', values: [] };
  throw new RangeError(
    `"${part}" is not a label selector; write key=value, key!=value, key in (a,b), key or !key`,
  );
}
