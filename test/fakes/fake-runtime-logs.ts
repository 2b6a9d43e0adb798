import type { LogLine, LogOptions } from '../../controllers/ports/runtime.ts';

export type WrittenLine = Pick<LogLine, 'stream' | 'text'>;

/** Everything a process writes it writes when it starts, a nanosecond apart. */
export function logLines(
  written: readonly WrittenLine[],
  startedAt: number,
  { tail = written.length, sinceNanoseconds = '0' }: Pick<LogOptions, 'tail' | 'sinceNanoseconds'>,
): LogLine[] {
  const first = BigInt(startedAt) * 1_000_000n;
  const lines = written.map((line, index) => ({ ...line, nanoseconds: first + BigInt(index) }));
  return lines
    .filter(({ nanoseconds }) => nanoseconds >= BigInt(sinceNanoseconds))
    .slice(Math.max(0, written.length - tail))
    .map(({ stream, text, nanoseconds }) => ({ stream, text, timestamp: timestampOf(nanoseconds) }));
}

/** RFC 3339 with nanoseconds. */
function timestampOf(nanoseconds: bigint): string {
  const seconds = new Date(Number(nanoseconds / 1_000_000n)).toISOString().slice(0, -'.000Z'.length);
  return `${seconds}.${String(nanoseconds % 1_000_000_000n).padStart(9, '0')}Z`;
}
