import type { OnReadOpts } from 'node:net';

const READ_BYTES = 64 * 1024;

/**
 * What sockets are read into, one at a time. Node would take 64 KiB anew for each read, however short, and thousands a
 * second of these make V8 collect all of its garbage four times a second, which is seen as pauses.
 */
const SHARED = Buffer.allocUnsafeSlow(READ_BYTES);

/** Who sends so much at once sends more: the next read is handed on in the memory that it was read into. */
const BULK_BYTES = READ_BYTES / 2;

/** How a socket is read: a little is copied, and much is not. `push` takes the bytes, and answers whether it wants more. */
export function readFrugally(push: (bytes: Buffer) => boolean): OnReadOpts {
  let memory = SHARED;
  const callback = (length: number): boolean => {
    const bytes = memory.subarray(0, length);
    const isBulk = length >= BULK_BYTES;
    const isOurs = isBulk && memory !== SHARED;
    memory = isBulk ? Buffer.allocUnsafeSlow(READ_BYTES) : SHARED;
    return push(isOurs ? bytes : Buffer.from(bytes));
  };
  return { buffer: () => memory, callback };
}
