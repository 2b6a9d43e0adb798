import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/**
 * A way through a network that can fail as networks do: without a word. While it is frozen no byte gets through, and no
 * FIN; connections from before never move again, and those that are made meanwhile wait until it heals.
 */
export class HalfOpenProxy {
  readonly #server = createServer((near) => this.#accept(near));
  readonly #sockets = new Set<Socket>();
  #healed: Promise<void> = Promise.resolve();
  #heal = () => {};
  /** Connections from before the last of these are dead. */
  #freezes = 0;
  #target = 0;

  /** Answers its port. */
  async start(target: number): Promise<number> {
    this.#target = target;
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return (this.#server.address() as AddressInfo).port;
  }

  freeze(): void {
    this.#freezes += 1;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#healed = promise;
    this.#heal = resolve;
  }

  heal(): void {
    this.#heal();
  }

  stop(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    this.#heal();
  }

  #accept(near: Socket): void {
    const born = this.#freezes;
    this.#keep(near);
    near.pause();
    void this.#healed.then(() => {
      if (near.destroyed || !this.#server.listening) return;
      const far = connect(this.#target, '127.0.0.1');
      this.#keep(far);
      this.#forward(near, far, born);
      this.#forward(far, near, born);
      near.resume();
    });
  }

  #forward(from: Socket, to: Socket, born: number): void {
    const isDead = () => this.#freezes !== born;
    from.on('data', (bytes: Buffer) => {
      if (!isDead()) to.write(bytes);
    });
    from.once('close', () => {
      if (!isDead()) to.destroy();
    });
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket);
    // Whoever gives up a connection through a dead network does so loudly.
    socket.on('error', () => socket.destroy());
    socket.once('close', () => this.#sockets.delete(socket));
  }
}
