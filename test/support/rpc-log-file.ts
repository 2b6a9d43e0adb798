import { toNanoseconds } from '../../agents/adapters/rpc/log-cursor.ts';
import type { RemoteLogLine } from '../../api/protocol/log-messages.ts';

const START = Date.parse('2030-01-01T00:00:00Z');

/** A log line `nanoseconds` after the beginning of 2030. */
export function logLine(nanoseconds: number, text: string, line: Partial<RemoteLogLine> = {}): RemoteLogLine {
  const seconds = new Date(START + 1000 * Math.floor(nanoseconds / 1e9)).toISOString().slice(0, 19);
  const timestamp = `${seconds}.${String(nanoseconds % 1e9).padStart(9, '0')}Z`;
  return { container: 'web-0', stream: 'stdout', timestamp, text, ...line };
}

/** What a runtime answers from a file of log lines: nothing before a time, in the order they were written. */
export function since(lines: readonly RemoteLogLine[], nanoseconds = '0'): RemoteLogLine[] {
  return lines.filter(({ timestamp }) => BigInt(toNanoseconds(timestamp)) >= BigInt(nanoseconds));
}
