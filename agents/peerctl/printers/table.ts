import { oneLine } from './escape.ts';

/** As kubectl: three spaces between columns. */
const GAP = 3;

/** Rows of cells under headings, each column as wide as its widest cell; nothing trails the last one. */
export class Table {
  readonly #headings: readonly string[];
  #widths: number[];

  constructor(headings: readonly string[]) {
    this.#headings = headings;
    this.#widths = headings.map(width);
  }

  heading(): string {
    return this.#layOut(this.#headings);
  }

  /** Makes the columns wide enough for these rows, and answers them as lines. */
  rows(rows: readonly (readonly string[])[]): string {
    const cells = rows.map((row) => row.map(oneLine));
    this.#widths = this.#widths.map((widest, column) =>
      cells.reduce((most, row) => Math.max(most, width(row[column] ?? '')), widest),
    );
    return cells.map((row) => this.#layOut(row)).join('');
  }

  #layOut(cells: readonly string[]): string {
    const padded = cells.map(
      (cell, column) => cell + ' '.repeat(GAP + (this.#widths[column] ?? 0) - width(cell)),
    );
    return `${padded.join('').trimEnd()}\n`;
  }
}

/** A whole table; without headings where nobody wants them. */
export function formatTable(
  headings: readonly string[],
  rows: readonly (readonly string[])[],
  withHeadings = true,
): string {
  const table = new Table(withHeadings ? headings : headings.map(() => ''));
  const body = table.rows(rows);
  return withHeadings ? table.heading() + body : body;
}

function width(text: string): number {
  return [...text].length;
}
