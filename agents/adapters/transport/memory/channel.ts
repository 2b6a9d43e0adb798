import type { Channel } from '../../../../controllers/ports/transport.ts';
import { channelAborted } from '../errors.ts';
import { type Deliver, Pipe } from './pipe.ts';

/** One end of a channel: the pipe that it reads and the pipe that it writes. */
export class MemoryChannel implements Channel {
  readonly remotePeer: string;
  readonly #incoming: Pipe;
  readonly #outgoing: Pipe;
  readonly #deliver: Deliver;
  readonly #done = Promise.withResolvers<void>();
  #other: MemoryChannel | undefined;
  #broken = false;

  constructor(
    components: { incoming: Pipe; outgoing: Pipe; deliver: Deliver },
    init: { remotePeer: string },
  ) {
    this.#incoming = components.incoming;
    this.#outgoing = components.outgoing;
    this.#deliver = components.deliver;
    this.remotePeer = init.remotePeer;
  }

  get closed(): Promise<void> {
    return this.#done.promise;
  }

  read(): Promise<Uint8Array | undefined> {
    return this.#incoming.read();
  }

  write(bytes: Uint8Array): Promise<void> {
    return this.#outgoing.write(bytes);
  }

  async close(): Promise<void> {
    this.#outgoing.close(() => this.#other?.settle());
    this.settle();
  }

  abort(reason: Error): void {
    if (this.#broken || this.#finished) return;
    this.break(reason);
    const other = this.#other;
    this.#deliver(() => other?.break(channelAborted(other.remotePeer)));
  }

  /** This end fails with `error`; the other end is broken apart from it, with words of its own. */
  break(error: Error): void {
    if (this.#broken || this.#finished) return;
    this.#broken = true;
    this.#incoming.breakReader(error);
    this.#outgoing.breakWriter(error);
    this.#done.resolve();
  }

  /** Makes `other` the far end. */
  join(other: MemoryChannel): void {
    this.#other = other;
  }

  /** Notices that both halves are closed. */
  settle(): void {
    if (this.#finished) this.#done.resolve();
  }

  get #finished(): boolean {
    return this.#outgoing.closed && this.#incoming.ended;
  }
}

/** Two joined ends: the opener's and the server's. */
export function channelPair(
  opener: string,
  server: string,
  deliver: Deliver,
): [MemoryChannel, MemoryChannel] {
  const request = new Pipe(deliver);
  const response = new Pipe(deliver);
  const near = new MemoryChannel({ incoming: response, outgoing: request, deliver }, { remotePeer: server });
  const far = new MemoryChannel({ incoming: request, outgoing: response, deliver }, { remotePeer: opener });
  near.join(far);
  far.join(near);
  return [near, far];
}
