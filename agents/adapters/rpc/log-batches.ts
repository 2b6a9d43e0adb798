import { setImmediate } from 'node:timers/promises';
import { MAX_LOG_FRAME_BYTES, MAX_LOG_LINE_LENGTH } from '../../../api/protocol/limits.ts';
import type { RemoteLogLine } from '../../../api/protocol/log-messages.ts';
import { encodeFrame } from './frames.ts';
import { LookAhead } from './look-ahead.ts';

/** A batch that has grown to this goes out; with the longest line on top it still fits a frame. */
const FULL_BYTES = MAX_LOG_FRAME_BYTES / 8;

/**
 * Frames of log lines: all that are there already go together, and none waits for the next. The source
 * is asked for one line more than was sent, so a slow reader slows it down.
 */
export async function* batches(lines: AsyncIterable<RemoteLogLine>): AsyncGenerator<Uint8Array> {
  const ahead = new LookAhead(lines);
  try {
    while (!(await ahead.peek()).done) {
      const batch = await readyLines(ahead);
      yield encodeFrame(Buffer.from(`{"type":"lines","lines":[${batch.join(',')}]}`));
    }
  } finally {
    await ahead.end();
  }
}

/** Takes what comes before the event loop has turned once, as JSON. */
async function readyLines(ahead: LookAhead<RemoteLogLine>): Promise<string[]> {
  const batch: string[] = [];
  const idle = setImmediate(undefined);
  for (let bytes = 0; bytes < FULL_BYTES; ) {
    // A source that fails is looked at again once these lines are out.
    const line = await Promise.race([ahead.peek().catch(() => undefined), idle]);
    if (!line || line.done) break;
    ahead.take();
    const text = encode(line.value);
    batch.push(text);
    bytes += Buffer.byteLength(text);
  }
  return batch;
}

function encode({ container, stream, timestamp, text }: RemoteLogLine): string {
  return JSON.stringify({ container, stream, timestamp, text: text.slice(0, MAX_LOG_LINE_LENGTH) });
}
