import { EVENT_ID, type Event, getScalarValue } from 'js-yaml';

/** Line of each node of a document, counted from 1, by its path as JSON. */
export type Lines = Map<string, number>;

/** The line of the nearest node that exists: a missing field is reported where its parent begins. */
export function lineOf(lines: Lines, path: readonly PropertyKey[]): number {
  for (let length = path.length; length >= 0; length--) {
    const line = lines.get(JSON.stringify(path.slice(0, length)));
    if (line !== undefined) return line;
  }
  return 1;
}

interface Frame {
  path: PropertyKey[];
  /** The next child's index, or in a mapping the key just read. */
  index: number;
  key?: string | undefined;
  mapping: boolean;
}

/** Walks the parser's events and notes for each document on which line each path begins. */
export function locate(events: readonly Event[], text: string): Lines[] {
  const starts = lineStarts(text);
  const documents: Lines[] = [];
  const stack: (Frame | undefined)[] = [];
  for (const event of events) {
    const parent = stack.at(-1);
    if (event.type === EVENT_ID.POP) stack.pop();
    else if (event.type === EVENT_ID.DOCUMENT) {
      documents.push(new Map());
      stack.push(undefined);
    } else if (event.type === EVENT_ID.SCALAR && parent?.mapping && parent.key === undefined) {
      parent.key = getScalarValue(text, event);
      documents.at(-1)?.set(JSON.stringify([...parent.path, parent.key]), lineAt(starts, event.valueStart));
    } else {
      const path = childPath(parent);
      const start =
        event.type === EVENT_ID.SCALAR
          ? event.valueStart
          : event.type === EVENT_ID.ALIAS
            ? event.anchorStart
            : event.start;
      // A field is reported at its key; an item or a document has none.
      if (!parent?.mapping) documents.at(-1)?.set(JSON.stringify(path), lineAt(starts, start));
      if (event.type === EVENT_ID.MAPPING || event.type === EVENT_ID.SEQUENCE) {
        stack.push({ path, index: 0, mapping: event.type === EVENT_ID.MAPPING });
      }
    }
  }
  return documents;
}

/** The path of the node that begins now; moves its parent on to the next one. */
function childPath(parent: Frame | undefined): PropertyKey[] {
  if (!parent) return [];
  const part = parent.mapping ? (parent.key ?? '') : parent.index++;
  parent.key = undefined;
  return [...parent.path, part];
}

function lineStarts(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}

/** Line of an offset, by binary search, from 1. */
function lineAt(starts: readonly number[], offset: number): number {
  let [low, high] = [0, starts.length];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((starts[middle] ?? 0) <= offset) low = middle;
    else high = middle;
  }
  return low + 1;
}
