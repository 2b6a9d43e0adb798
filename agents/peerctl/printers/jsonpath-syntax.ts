import { UsageError } from '../errors.ts';

/** A step from values to those inside them. */
export type Step =
  | { type: 'field'; name: string }
  | { type: 'index'; index: number }
  | { type: 'every' }
  | { type: 'descend'; name: string }
  | { type: 'filter'; path: Step[]; operator?: string; value?: unknown };

const STEP = new RegExp(
  [
    /\.\.(?<deep>[\w/-]+)/,
    /\.(?<field>(?:[\w/-]|\\.)+)/,
    /\[(?<index>-?\d+)\]/,
    /(?<every>\[\*\]|\.\*)/,
    /\['(?<single>(?:[^'\\]|\\.)*)'\]/,
    /\["(?<double>(?:[^"\\]|\\.)*)"\]/,
    /\[\?\((?<filter>.*?)\)\]/,
    /[.@$]/,
  ]
    .map(({ source }) => source)
    .join('|'),
  'gy',
);

const FILTER = /^(.*?)\s*(==|!=|<=|>=|<|>)\s*(.+)$/;

/** Parses `.items[?(@.status.ready>0)].metadata.name`. @throws UsageError */
export function parsePath(text: string): Step[] {
  return parts(STEP, text, 'is not understood; write for example .status.conditions[0].reason').flatMap(
    ({ groups }) => toStep(groups ?? {}),
  );
}

/** Every match of a sticky expression, which together must be the whole text. @throws UsageError with the `problem` of the rest. */
export function parts(expression: RegExp, text: string, problem: string): RegExpExecArray[] {
  const found = [...text.matchAll(expression)];
  const end = found.reduce((length, [part]) => length + part.length, 0);
  if (end < text.length) throw new UsageError(`jsonpath: "${text.slice(end)}" ${problem}`);
  return found;
}

/** `"text"`, `'text'`, a number, `true` or `false`. @throws UsageError */
export function parseLiteral(text: string): unknown {
  const quoted = /^(["'])(.*)\1$/s.exec(text)?.[2];
  if (quoted !== undefined) return unescaped(quoted);
  if (text === 'true' || text === 'false') return text === 'true';
  const value = Number(text);
  if (text !== '' && !Number.isNaN(value)) return value;
  throw new UsageError(`jsonpath: "${text}" is neither a number nor quoted text`);
}

function toStep({ deep, field, index, every, single, double, filter }: Record<string, string>): Step[] {
  const name = field ?? single ?? double;
  if (name !== undefined) return [{ type: 'field', name: name.replace(/\\(.)/g, '$1') }];
  if (deep !== undefined) return [{ type: 'descend', name: deep }];
  if (index !== undefined) return [{ type: 'index', index: Number(index) }];
  if (filter !== undefined) return [toFilter(filter.trim())];
  return every === undefined ? [] : [{ type: 'every' }];
}

function toFilter(text: string): Step {
  const [, path = '', operator, value = ''] = FILTER.exec(text) ?? [];
  if (operator === undefined) return { type: 'filter', path: parsePath(text) };
  return { type: 'filter', path: parsePath(path.trim()), operator, value: parseLiteral(value.trim()) };
}

const ESCAPES: Record<string, string> = { n: '\n', t: '\t', r: '\r' };

function unescaped(text: string): string {
  return text.replace(/\\(.)/g, (_, character: string) => ESCAPES[character] ?? character);
}
