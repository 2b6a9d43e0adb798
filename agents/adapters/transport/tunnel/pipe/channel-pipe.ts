import type { Channel } from '../../../../../controllers/ports/transport.ts';
import type { BytePipe, PipeHandler } from './byte-pipe.ts';

/** A channel of a transport as a pipe: where two peers reach each other through libp2p only. */
export class ChannelPipe implements BytePipe {
  readonly #channel: Channel;
  #handler: PipeHandler | undefined;
  #waiting = 0;

  constructor(components: { channel: Channel }) {
    this.#channel = components.channel;
  }

  start(handler: PipeHandler): void {
    this.#handler = handler;
    void this.#read(handler);
  }

  write(parts: readonly Buffer[]): boolean {
    this.#waiting += 1;
    this.#channel.write(Buffer.concat(parts)).then(
      () => this.#written(),
      // Reading fails likewise, and tells.
      () => undefined,
    );
    return false;
  }

  end(): void {
    this.#channel.close().catch((error: Error) => this.#channel.abort(error));
  }

  destroy(): void {
    this.#channel.abort(new Error('the tunnel was given up'));
  }

  #written(): void {
    this.#waiting -= 1;
    if (this.#waiting === 0) this.#handler?.drain();
  }

  async #read(handler: PipeHandler): Promise<void> {
    try {
      for (let bytes = await this.#channel.read(); bytes; bytes = await this.#channel.read())
        handler.data(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
      handler.closed();
    } catch (error) {
      handler.closed(error as Error);
    }
  }
}
