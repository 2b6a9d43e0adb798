import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Two sockets that are each other's other end, as Node has no socketpair(2). Nothing was read of the second, so that another process can. */
export async function socketPair(): Promise<[Socket, Socket]> {
  // Nobody else may enter it, and so connect.
  const directory = await mkdtemp(join(tmpdir(), 'peercompute-socket-'));
  const server = createServer({ pauseOnConnect: true });
  try {
    const path = join(directory, 'socket');
    await once(server.listen(path), 'listening');
    const accepted = once(server, 'connection');
    const near = connect(path);
    const [far] = (await accepted) as [Socket];
    return [near, far];
  } finally {
    server.close();
    await rm(directory, { recursive: true });
  }
}
