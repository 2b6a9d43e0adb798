import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

/**
 * Joins a stream of a tunnel and a socket until both have ended, each half on its own. What breaks one
 * breaks the other, by a reset: whatever was cut off must not look complete.
 */
export function relay(stream: Duplex, socket: Socket): void {
  pump(stream, socket);
  pump(socket, stream);
  stream.once('close', () => {
    if (!isComplete(stream)) socket.resetAndDestroy();
  });
  socket.once('close', () => {
    if (!isComplete(socket)) stream.destroy();
  });
  socket.on('error', (error) => stream.destroy(error));
}

/** May wait for the other side before its source is stopped: most answers are shorter, and stopping costs more than they do. */
const AHEAD_BYTES = 16 * 1024;

/** Passes on bytes and their end. */
function pump(from: Duplex, to: Duplex): void {
  const resume = () => {
    if (to.writableLength === 0) from.resume();
  };
  from.on('data', (bytes: Buffer) => {
    to.write(bytes, resume);
    // Whatever more the other side does not take at once waits where it came from.
    if (to.writableLength > AHEAD_BYTES) from.pause();
  });
  from.once('end', () => to.end());
}

/** Both halves were closed in order. */
function isComplete(stream: Duplex): boolean {
  return stream.readableEnded && stream.writableFinished;
}
