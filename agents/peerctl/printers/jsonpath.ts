import { UsageError } from '../errors.ts';

/** kubectl's JSONPath templates: `{.items[*].metadata.name}`, `{range .items[*]}{.metadata.name}{"\n"}{end}`. */

type Step =
  | { type: 'field'; name: string }
  | { type: 'index'; index: number }
  | { type: 'every' }
  | { type: 'descend'; name: string }
  | { type: 'filter'; path: Step[]; operator?: string; value?: unknown };

type Node =
  | { type: 'text'; text: string }
  | { type: 'path'; path: Step[] }
  | { type: 'range'; path: Step[]; body: Node[] };

/** What is written between braces, or text around them. */
const PART = /\{((?:[^{}"']|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')*)\}|([^{]+)/gy;

/**
 * Compiles a template; the function answers its text for one document.
 * @throws UsageError
 */
export function compileTemplate(template: string): (root: unknown) => string {
  const nodes = parseTemplate(template);
  return (root) => render(nodes, root);
}

/**
 * Compiles one path, `.metadata.name`, with or without braces; the function answers every value it finds.
 * @throws UsageError
 */
export function compilePath(path: string): (root: unknown) => unknown[] {
  const inner = /^\{(.*)\}$/.exec(path)?.[1] ?? path;
  const steps = parsePath(inner.startsWith('.') || inner.startsWith('[') ? inner : `.${inner}`);
  return (root) => select(steps, [root]);
}

/** A value as it stands in text: strings bare, the rest as JSON. */
export function toText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function parseTemplate(template: string): Node[] {
  const stack: Node[][] = [[]];
  PART.lastIndex = 0;
  while (PART.lastIndex < template.length) {
    const at = PART.lastIndex;
    const match = PART.exec(template);
    if (!match) throw new UsageError(`jsonpath: "${template.slice(at)}" has a brace without its other half`);
    addPart(stack, match[1]?.trim(), match[2]);
  }
  const [nodes = [], ...open] = stack;
  if (open.length > 0) throw new UsageError('jsonpath: {range} without {end}');
  return nodes;
}

function addPart(stack: Node[][], code: string | undefined, text: string | undefined): void {
  const nodes = stack.at(-1) ?? [];
  if (text !== undefined) nodes.push({ type: 'text', text });
  else if (code === 'end') {
    if (stack.length === 1) throw new UsageError('jsonpath: {end} without {range}');
    stack.pop();
  } else if (code?.startsWith('range ')) {
    const body: Node[] = [];
    nodes.push({ type: 'range', path: parsePath(code.slice(6).trim()), body });
    stack.push(body);
  } else if (/^["']/.test(code ?? '')) nodes.push({ type: 'text', text: String(literal(code ?? '')) });
  else nodes.push({ type: 'path', path: parsePath(code ?? '') });
}

const STEP =
  /\.\.([\w-]+)|\.([\w-](?:[\w-]|\\.)*)|\[(-?\d+)\]|\[\*\]|\.\*|\['((?:[^'\\]|\\.)*)'\]|\["((?:[^"\\]|\\.)*)"\]|\[\?\((.*?)\)\]|[.@$]/gy;

const FILTER = /^(.*?)\s*(==|!=|<=|>=|<|>)\s*(.+)$/;

function parsePath(text: string): Step[] {
  const steps: Step[] = [];
  STEP.lastIndex = 0;
  while (STEP.lastIndex < text.length) {
    const at = STEP.lastIndex;
    const match = STEP.exec(text);
    if (!match)
      throw new UsageError(
        `jsonpath: "${text.slice(at)}" is not understood; write for example .status.conditions[0].reason`,
      );
    const step = toStep(match);
    if (step) steps.push(step);
  }
  return steps;
}

function toStep([all, deep, field, index, single, double, filter]: RegExpExecArray): Step | undefined {
  if (deep !== undefined) return { type: 'descend', name: deep };
  const name = field ?? single ?? double;
  if (name !== undefined) return { type: 'field', name: name.replace(/\\(.)/g, '$1') };
  if (index !== undefined) return { type: 'index', index: Number(index) };
  if (filter !== undefined) return toFilter(filter.trim());
  return all === '[*]' || all === '.*' ? { type: 'every' } : undefined;
}

function toFilter(text: string): Step {
  const [, path, operator, value] = FILTER.exec(text) ?? [];
  if (operator === undefined) return { type: 'filter', path: parsePath(text) };
  return {
    type: 'filter',
    path: parsePath((path ?? '').trim()),
    operator,
    value: literal((value ?? '').trim()),
  };
}

function literal(text: string): unknown {
  const quoted = /^(["'])(.*)\1$/s.exec(text)?.[2];
  if (quoted !== undefined) return unescaped(quoted);
  const value = Number(text);
  if (text === 'true' || text === 'false') return text === 'true';
  if (text !== '' && !Number.isNaN(value)) return value;
  throw new UsageError(`jsonpath: "${text}" is neither a number nor quoted text`);
}

const ESCAPES: Record<string, string> = { n: '\n', t: '\t', r: '\r' };

function unescaped(text: string): string {
  return text.replace(/\\(.)/g, (_, character: string) => ESCAPES[character] ?? character);
}

function render(nodes: readonly Node[], current: unknown): string {
  return nodes
    .map((node) => {
      if (node.type === 'text') return node.text;
      const values = select(node.path, [current]);
      if (node.type === 'path') return values.map(toText).join(' ');
      return values.map((value) => render(node.body, value)).join('');
    })
    .join('');
}

function select(steps: readonly Step[], values: readonly unknown[]): unknown[] {
  return steps.reduce<unknown[]>((found, step) => found.flatMap((value) => follow(step, value)), [...values]);
}

function follow(step: Step, value: unknown): unknown[] {
  if (step.type === 'field') return own(value, step.name);
  if (step.type === 'index') return Array.isArray(value) ? present(value.at(step.index)) : [];
  if (step.type === 'every') return children(value);
  if (step.type === 'descend')
    return [...own(value, step.name), ...children(value).flatMap((child) => follow(step, child))];
  return children(value).filter((child) => passes(step, child));
}

function own(value: unknown, name: string): unknown[] {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return [];
  return present((value as Record<string, unknown>)[name]);
}

function present(value: unknown): unknown[] {
  return value === undefined ? [] : [value];
}

function children(value: unknown): unknown[] {
  return typeof value === 'object' && value !== null ? Object.values(value) : [];
}

function passes({ path, operator, value }: Extract<Step, { type: 'filter' }>, child: unknown): boolean {
  const [left] = select(path, [child]);
  if (operator === undefined) return left !== undefined;
  if (operator === '==') return left === value;
  if (operator === '!=') return left !== value;
  if (typeof left !== typeof value || (typeof left !== 'number' && typeof left !== 'string')) return false;
  const [a, b] = [left, value as number | string];
  if (operator === '<') return a < b;
  if (operator === '>') return a > b;
  return operator === '<=' ? a <= b : a >= b;
}
