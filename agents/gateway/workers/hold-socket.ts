import type { Socket } from 'node:net';

/**
 * Makes a socket ready for another process, and answers what was read of it and not used. Without this Node would go on
 * reading until the other process has confirmed that it has the socket, and drop what it gets.
 */
export function holdSocket(socket: Socket): Buffer {
  socket.pause();
  const read: Buffer | null = socket.read();
  handleOf(socket)?.readStop();
  return read ?? Buffer.alloc(0);
}

/** What Node reads a socket with. There is no public way to stop that: `pause` only lets its memory fill first. */
function handleOf(socket: Socket): { readStop(): void } | undefined {
  const { _handle: handle } = socket as Socket & { _handle?: { readStop(): void } | null };
  return handle ?? undefined;
}
