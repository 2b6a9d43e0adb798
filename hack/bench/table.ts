import type { Summary } from './measure.ts';

/** One figure, and what it is held against. */
export interface Row {
  figure: string;
  ours: string;
  /** What a user would pick instead, or the least that anything could take. */
  other?: string;
  /** How far ours is from the other. */
  compared?: string;
  target?: string;
  /** Absent where there is no target: the figure is for information. */
  reached?: boolean;
}

const HEADING = ['FIGURE', 'OURS', 'OTHER', 'COMPARED', 'TARGET', 'REACHED'];

/** Prints a table under its title; what was not reached says so aloud. */
export function printTable(title: string, rows: readonly Row[]): void {
  const lines = [HEADING, ...rows.map(cells)];
  const widths = HEADING.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  const text = lines.map((line) => line.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  '));
  console.log(`\n${title}\n\n${text.map((line) => line.trimEnd()).join('\n')}`);
}

function cells({ figure, ours, other = '-', compared = '-', target = '-', reached }: Row): string[] {
  const verdict = reached === undefined ? '' : reached ? 'yes' : 'NO';
  return [figure, ours, other, compared, target, verdict];
}

/** `84.1 ms (80.2-93.0)`: the median, and between what the measurements lay. */
export function spread({ median, min, max }: Summary): string {
  return `${milliseconds(median)} (${digits(min)}-${digits(max)})`;
}

export function milliseconds(value: number): string {
  return `${digits(value)} ms`;
}

export function megabytes(bytes: number): string {
  return `${digits(bytes / 1e6)} MB`;
}

/** `1.7x`. */
export function ratio(ours: number, other: number): string {
  return `${(ours / other).toFixed(2)}x`;
}

/** Three digits or so: more would claim more than a measurement can. */
export function digits(value: number): string {
  return value.toFixed(value >= 100 ? 0 : value >= 10 ? 1 : value >= 0.1 ? 2 : 3);
}
