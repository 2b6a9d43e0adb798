/** Unchanged lines around a change, as diff -u. */
const CONTEXT = 3;

/** Beyond this many comparisons, texts are shown as replaced as a whole: half a second at most. */
const MAX_COMPARISONS = 16_000_000;

type Line = { sign: ' ' | '-' | '+'; text: string };

/** A unified diff of two texts, or nothing when they are equal. */
export function unifiedDiff(before: string, after: string, oldName: string, newName: string): string {
  const lines = compare(split(before), split(after));
  const hunks = toHunks(lines);
  if (hunks.length === 0) return '';
  return `--- ${oldName}\n+++ ${newName}\n${hunks.map((hunk) => formatHunk(lines, hunk)).join('')}`;
}

function split(text: string): string[] {
  return text === '' ? [] : text.replace(/\n$/, '').split('\n');
}

function compare(before: readonly string[], after: readonly string[]): Line[] {
  const limit = Math.min(before.length, after.length);
  let start = 0;
  while (start < limit && before[start] === after[start]) start++;
  let end = 0;
  while (end < limit - start && before.at(-1 - end) === after.at(-1 - end)) end++;
  const same = (texts: readonly string[]): Line[] => texts.map((text) => ({ sign: ' ', text }));
  return [
    ...same(before.slice(0, start)),
    ...changed(before.slice(start, before.length - end), after.slice(start, after.length - end)),
    ...same(before.slice(before.length - end)),
  ];
}

/** By the longest common subsequence. */
function changed(before: readonly string[], after: readonly string[]): Line[] {
  const removed = (text: string): Line => ({ sign: '-', text });
  const added = (text: string): Line => ({ sign: '+', text });
  if (before.length * after.length > MAX_COMPARISONS) return [...before.map(removed), ...after.map(added)];
  const width = after.length + 1;
  const lengths = commonLengths(before, after);
  const lines: Line[] = [];
  let [i, j] = [0, 0];
  while (i < before.length || j < after.length) {
    const [old, next] = [before[i], after[j]];
    if (old !== undefined && old === next) {
      lines.push({ sign: ' ', text: old });
      i++;
      j++;
    } else if (
      old !== undefined &&
      (next === undefined || (lengths[(i + 1) * width + j] ?? 0) >= (lengths[i * width + j + 1] ?? 0))
    ) {
      lines.push(removed(old));
      i++;
    } else {
      lines.push(added(next ?? ''));
      j++;
    }
  }
  return lines;
}

/** At `i * (after.length + 1) + j`: how much the texts from there on have in common. */
function commonLengths(before: readonly string[], after: readonly string[]): Uint32Array {
  const width = after.length + 1;
  const lengths = new Uint32Array((before.length + 1) * width);
  for (let i = before.length - 1; i >= 0; i--)
    for (let j = after.length - 1; j >= 0; j--)
      lengths[i * width + j] =
        before[i] === after[j]
          ? (lengths[(i + 1) * width + j + 1] ?? 0) + 1
          : Math.max(lengths[(i + 1) * width + j] ?? 0, lengths[i * width + j + 1] ?? 0);
  return lengths;
}

/** Ranges of lines to show: changes and what is around them. */
function toHunks(lines: readonly Line[]): [start: number, end: number][] {
  const hunks: [number, number][] = [];
  for (const [index, { sign }] of lines.entries()) {
    if (sign === ' ') continue;
    const [start, end] = [Math.max(0, index - CONTEXT), Math.min(lines.length, index + CONTEXT + 1)];
    const last = hunks.at(-1);
    if (last && start <= last[1]) last[1] = end;
    else hunks.push([start, end]);
  }
  return hunks;
}

function formatHunk(lines: readonly Line[], [start, end]: [number, number]): string {
  const count = (from: number, to: number, other: Line['sign']) =>
    lines.slice(from, to).filter(({ sign }) => sign !== other).length;
  const range = (other: Line['sign']) => {
    const length = count(start, end, other);
    return `${count(0, start, other) + (length > 0 ? 1 : 0)},${length}`;
  };
  const body = lines.slice(start, end).map(({ sign, text }) => `${sign}${text}\n`);
  return `@@ -${range('+')} +${range('-')} @@\n${body.join('')}`;
}
