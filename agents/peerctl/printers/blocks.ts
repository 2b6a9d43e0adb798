import { oneLine } from './escape.ts';
import { formatTable } from './table.ts';

/** A part of a long description: labelled values, or a table under a heading. */
export type Block =
  | { fields: readonly (readonly [label: string, value: string | readonly string[]])[] }
  | { heading: string; columns: readonly string[]; rows: readonly (readonly string[])[] };

/** Blocks below each other, as `describe` shows them; the values of all line up. */
export function formatBlocks(blocks: readonly Block[]): string {
  const labels = blocks.flatMap((block) =>
    'fields' in block ? block.fields.map(([label]) => label.length) : [],
  );
  const width = Math.max(0, ...labels) + ':  '.length;
  return blocks
    .map((block) => ('fields' in block ? formatFields(block.fields, width) : formatSection(block)))
    .join('');
}

function formatFields(fields: Extract<Block, { fields: unknown }>['fields'], width: number): string {
  return fields
    .map(([label, value]) => {
      const [first = '<none>', ...more] = typeof value === 'string' ? [value] : value;
      const texts = [first, ...more].map(oneLine).join(`\n${' '.repeat(width)}`);
      return `${`${label}:`.padEnd(width)}${texts}\n`;
    })
    .join('');
}

function formatSection({ heading, columns, rows }: Extract<Block, { heading: string }>): string {
  if (rows.length === 0) return `${heading}: <none>\n`;
  return `${heading}:\n${formatTable(columns, rows).replace(/^/gm, '  ').trimEnd()}\n`;
}

/** `a=b` for each label or annotation. */
export function pairs(values: Record<string, string> = {}): string[] {
  return Object.entries(values).map(([key, value]) => `${key}=${value}`);
}
