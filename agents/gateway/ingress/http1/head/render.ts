import { FIELD_COUNT, type Field } from './fields.ts';
import type { HeadLines } from './lines.ts';

/** Which headers are not copied, by Field. */
export type Drops = Uint8Array;

export function dropping(...fields: readonly Field[]): Drops {
  const drops = new Uint8Array(FIELD_COUNT);
  for (const field of fields) drops[field] = 1;
  return drops;
}

export interface Changes {
  drop: Drops;
  /** Further names to leave out, in small letters. */
  named: readonly string[];
  /** Complete header lines to add, each with its CRLF. */
  add: string;
  /** Bytes of the body that leave together with the head. */
  tail?: Buffer;
}

const END = '\r\n';

/** A head as it goes on: lines that stay are copied as they came, whole runs at a time. */
export function render(lines: HeadLines, { drop, named, add, tail }: Changes): Buffer {
  const { bytes, count } = lines;
  const most = lines.end + add.length + END.length + (tail?.length ?? 0);
  const head = Buffer.allocUnsafe(most);
  let at = 0;
  let run = lines.start;
  for (let line = 0; line < count; line++) {
    if (drop[lines.field(line)] === 0 && (named.length === 0 || !isNamed(lines.name(line), named))) continue;
    at += bytes.copy(head, at, run, lines.lineStart(line));
    run = lines.lineEnd(line);
  }
  at += bytes.copy(head, at, run, lines.end - END.length);
  at += head.write(add, at, 'latin1');
  at += head.write(END, at, 'latin1');
  if (tail) at += tail.copy(head, at);
  return head.subarray(0, at);
}

function isNamed(name: string, named: readonly string[]): boolean {
  return named.includes(name.toLowerCase());
}
