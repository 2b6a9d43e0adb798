import { fstatSync, statSync, writeSync } from 'node:fs';
import type { IOStreams, OutputStream } from './streams.ts';

/** 128 + SIGPIPE: whoever read our output, such as `head`, has seen enough. */
const BROKEN_PIPE = 141;

/** How long to wait for a full pipe whose other end is shared with a program that made it non-blocking; milliseconds. */
const RETRY_MS = 5;

/**
 * The streams of this process. What is no terminal is written to directly: opening Node's own streams
 * takes longer than reading a table from the state directory.
 */
export const processStreams: IOStreams = {
  get stdin() {
    return process.stdin;
  },
  get stdout() {
    return isTerminal(1) ? process.stdout : directly(1);
  },
  get stderr() {
    return isTerminal(2) ? process.stderr : directly(2);
  },
};

/** Whether Node should have a look itself: a character device is a terminal, unless it is the one that swallows all. */
function isTerminal(descriptor: number): boolean {
  const stats = fstatSync(descriptor);
  return stats.isCharacterDevice() && stats.rdev !== statSync('/dev/null', { throwIfNoEntry: false })?.rdev;
}

function directly(descriptor: number): OutputStream {
  return {
    write(text) {
      for (let rest = Buffer.from(text); rest.length > 0; )
        rest = rest.subarray(tryToWrite(descriptor, rest));
    },
  };
}

/** How many bytes were taken. */
function tryToWrite(descriptor: number, bytes: Uint8Array): number {
  try {
    return writeSync(descriptor, bytes);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EPIPE') process.exit(BROKEN_PIPE);
    if (code !== 'EAGAIN') throw error;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, RETRY_MS);
    return 0;
  }
}
