import { destination } from 'pino';

/** A line may come so much later, in milliseconds: whoever serves thousands of requests a second does not write each by itself. */
const FLUSH_MS = 500;
const BUFFER_BYTES = 8 * 1024;

/** Writes objects to stdout, one JSON object a line, a little later. The signal writes what is left. */
export function lineLog(signal: AbortSignal): (record: object) => void {
  const stream = destination({ fd: 1, sync: false, minLength: BUFFER_BYTES });
  const timer = setInterval(() => stream.flush(), FLUSH_MS).unref();
  signal.addEventListener('abort', () => {
    clearInterval(timer);
    stream.flush();
  });
  // A reader that has gone away is no reason to stop serving.
  stream.on('error', () => clearInterval(timer));
  return (record) => void stream.write(`${JSON.stringify(record)}\n`);
}
