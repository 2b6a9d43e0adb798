import { destination } from 'pino';

/** A line may come so much later, in milliseconds: whoever serves thousands of requests a second does not write each by itself. */
const FLUSH_MS = 500;
const LINES_AT_ONCE = 64;

/** What a pipe takes as a whole, however many processes write to it (PIPE_BUF of Linux). */
const WHOLE_BYTES = 4096;

export interface LineLogInit {
  /** Other processes write there too: lines must not get mixed. Default: no. */
  isShared?: boolean;
}

/** Writes objects to stdout, one JSON object a line, a little later. The signal writes what is left. */
export function lineLog(
  signal: AbortSignal,
  { isShared = false }: LineLogInit = {},
): (record: object) => void {
  const stream = destination({ fd: 1, sync: false, ...(isShared && { maxWrite: WHOLE_BYTES }) });
  let lines: string[] = [];
  let bytes = 0;
  const flush = () => {
    if (lines.length > 0) stream.write(`${lines.join('\n')}\n`);
    lines = [];
    bytes = 0;
  };
  const timer = setInterval(flush, FLUSH_MS).unref();
  signal.addEventListener('abort', () => {
    clearInterval(timer);
    flush();
  });
  // A reader that has gone away is no reason to stop serving.
  stream.on('error', () => clearInterval(timer));
  return (record) => {
    const line = JSON.stringify(record);
    if (isShared && bytes + Buffer.byteLength(line) >= WHOLE_BYTES) flush();
    if (isShared) bytes += Buffer.byteLength(line) + 1;
    if (lines.push(line) >= LINES_AT_ONCE) flush();
  };
}
