import type { Socket } from 'node:net';
import type { BytePipe, PipeHandler } from './byte-pipe.ts';

/** A socket, which TLS has secured, as a pipe. */
export class SocketPipe implements BytePipe {
  readonly #socket: Socket;

  constructor(components: { socket: Socket }) {
    this.#socket = components.socket;
  }

  start(handler: PipeHandler): void {
    let failure: Error | undefined;
    this.#socket
      .on('data', (bytes: Buffer) => handler.data(bytes))
      .on('drain', () => handler.drain())
      .on('error', (error) => {
        failure = error;
      })
      .once('close', () => handler.closed(failure));
    // It closed before anybody listened.
    if (this.#socket.closed) handler.closed();
  }

  write(parts: readonly Buffer[]): boolean {
    const [first] = parts;
    if (first && parts.length === 1) return this.#socket.write(first);
    this.#socket.cork();
    for (const part of parts) this.#socket.write(part);
    this.#socket.uncork();
    return !this.#socket.writableNeedDrain;
  }

  end(): void {
    this.#socket.destroySoon();
  }

  destroy(): void {
    this.#socket.destroy();
  }
}
