import { toNanoseconds } from '../../agents/adapters/rpc/log-cursor.ts';
import type { LogQuery, RemoteLogLine } from '../../api/protocol/log-messages.ts';

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

/** A log that is written while it is followed. */
export class GrowingLog {
  readonly lines: RemoteLogLine[] = [];
  #grown = Promise.withResolvers<void>();

  write(...lines: RemoteLogLine[]): void {
    this.lines.push(...lines);
    this.#wake();
  }

  async *open(_owner: string, { resume, tail }: LogQuery, signal: AbortSignal): AsyncIterable<RemoteLogLine> {
    signal.addEventListener('abort', () => this.#wake());
    const start = resume ? this.lines.indexOf(since(this.lines, resume['web-0'])[0] as RemoteLogLine) : 0;
    let at = tail === undefined || resume ? start : this.lines.length - tail;
    for (; !signal.aborted; await this.#grown.promise)
      for (; at < this.lines.length; at++) yield this.lines[at] as RemoteLogLine;
  }

  #wake(): void {
    this.#grown.resolve();
    this.#grown = Promise.withResolvers();
  }
}
