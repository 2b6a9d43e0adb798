import { UsageError } from '../errors.ts';
import { parseLiteral, parsePath, parts, type Step } from './jsonpath-syntax.ts';

/** kubectl's JSONPath templates: `{.items[*].metadata.name}`, `{range .items[*]}{.metadata.name}{"\n"}{end}`. */

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
  const steps = parsePath(/^[.[]/.test(inner) ? inner : `.${inner}`);
  return (root) => select(steps, [root]);
}

/** A value as it stands in text: strings bare, the rest as JSON. */
export function toText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function parseTemplate(template: string): Node[] {
  const stack: Node[][] = [[]];
  for (const [, code, text] of parts(PART, template, 'has a brace without its other half'))
    addPart(stack, code?.trim(), text);
  const [nodes = [], ...open] = stack;
  if (open.length > 0) throw new UsageError('jsonpath: {range} without {end}');
  return nodes;
}

function addPart(stack: Node[][], code = '', text?: string): void {
  const nodes = stack.at(-1) ?? [];
  if (text !== undefined) nodes.push({ type: 'text', text });
  else if (code.startsWith('range ')) {
    const body: Node[] = [];
    nodes.push({ type: 'range', path: parsePath(code.slice('range '.length).trim()), body });
    stack.push(body);
  } else if (code === 'end') {
    if (stack.length === 1) throw new UsageError('jsonpath: {end} without {range}');
    stack.pop();
  } else if (/^["']/.test(code)) nodes.push({ type: 'text', text: String(parseLiteral(code)) });
  else nodes.push({ type: 'path', path: parsePath(code) });
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
