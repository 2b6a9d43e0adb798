import fc from 'fast-check';
import { unifiedDiff } from './unified-diff.ts';

const numbers = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => `${from + index}\n`).join('');

describe('unifiedDiff', () => {
  it('shows a change with three lines around it, as diff -u does', () => {
    expect(unifiedDiff(numbers(1, 9), numbers(1, 9).replace('5', 'five'), 'a', 'b')).toBe(
      ['--- a', '+++ b', '@@ -2,7 +2,7 @@', ' 2', ' 3', ' 4', '-5', '+five', ' 6', ' 7', ' 8', ''].join('\n'),
    );
  });

  it('shows far changes apart', () => {
    const changed = numbers(1, 30).replace('2\n', 'two\n').replace('28', 'x');
    expect(unifiedDiff(numbers(1, 30), changed, 'a', 'b').match(/^@@.*@@$/gm)).toEqual([
      '@@ -1,5 +1,5 @@',
      '@@ -25,6 +25,6 @@',
    ]);
  });

  it('shows what is new and what goes as a whole', () => {
    expect(unifiedDiff('', 'x\n', '/dev/null', 'b')).toBe('--- /dev/null\n+++ b\n@@ -0,0 +1,1 @@\n+x\n');
    expect(unifiedDiff('x\n', '', 'a', '/dev/null')).toBe('--- a\n+++ /dev/null\n@@ -1,1 +0,0 @@\n-x\n');
  });

  it('has nothing to say of equal texts', () => {
    expect(unifiedDiff(numbers(1, 9), numbers(1, 9), 'a', 'b')).toBe('');
  });

  it('leads from one text to the other', () => {
    const text = fc
      .array(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 30 })
      .map((lines) => lines.map((line) => `${line}\n`).join(''));
    fc.assert(
      fc.property(text, text, (before, after) =>
        expect(patched(before, unifiedDiff(before, after, 'a', 'b'))).toBe(after),
      ),
    );
  });
});

/** Applies a unified diff, strictly. */
function patched(before: string, diff: string): string {
  const lines = before.split('\n').slice(0, -1);
  const result: string[] = [];
  let at = 0;
  for (const line of diff.split('\n').slice(2, -1)) {
    const hunk = /^@@ -(\d+),(\d+) /.exec(line);
    if (hunk) {
      const start = Number(hunk[1]) - (Number(hunk[2]) > 0 ? 1 : 0);
      while (at < start) result.push(lines[at++] ?? '');
    } else if (line.startsWith('+')) result.push(line.slice(1));
    else {
      expect(lines[at]).toBe(line.slice(1));
      if (line.startsWith(' ')) result.push(line.slice(1));
      at++;
    }
  }
  return [...result, ...lines.slice(at)].map((line) => `${line}\n`).join('');
}
