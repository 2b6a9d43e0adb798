import { once } from 'node:events';
import type { Socket } from 'node:net';
import type { Channel } from '../../../controllers/ports/transport.ts';

/** Joins a channel and a socket, at the pace of the slower one. Resolves when both are over; what breaks one breaks the other. */
export async function carry(channel: Channel, socket: Socket): Promise<void> {
  try {
    await Promise.all([toSocket(channel, socket), toChannel(socket, channel)]);
  } catch (error) {
    channel.abort(error as Error);
    socket.destroy();
  }
}

async function toSocket(channel: Channel, socket: Socket): Promise<void> {
  for (let bytes = await channel.read(); bytes; bytes = await channel.read())
    if (!socket.write(bytes)) await once(socket, 'drain');
  socket.end();
}

async function toChannel(socket: Socket, channel: Channel): Promise<void> {
  for await (const bytes of socket) await channel.write(bytes as Buffer);
  await channel.close();
}
