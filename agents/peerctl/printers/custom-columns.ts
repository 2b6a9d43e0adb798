import { UsageError } from '../errors.ts';
import { compilePath, toText } from './jsonpath.ts';
import type { Printer } from './printer.ts';
import { shown } from './structured.ts';
import { formatTable } from './table.ts';

/**
 * `NAME:.metadata.name,IMAGE:.spec.template.spec.containers[*].image`
 * @throws UsageError
 */
export function customColumns(text: string): Printer {
  const columns = text.split(/,(?![^[]*\])/).map(parseColumn);
  return (objects) =>
    formatTable(
      columns.map(({ heading }) => heading),
      objects.map(shown).map((object) => columns.map(({ select }) => cell(select(object)))),
    );
}

function parseColumn(text: string): { heading: string; select(object: unknown): unknown[] } {
  const colon = text.indexOf(':');
  if (colon < 1) throw new UsageError(`custom-columns: "${text}" is not HEADING:PATH`);
  return { heading: text.slice(0, colon), select: compilePath(text.slice(colon + 1)) };
}

function cell(values: readonly unknown[]): string {
  return values.length === 0 ? '<none>' : values.map(toText).join(',');
}
