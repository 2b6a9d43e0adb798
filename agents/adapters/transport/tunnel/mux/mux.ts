import type { Clock } from '../../../../../controllers/ports/clock.ts';
import type { Limits } from '../limits.ts';
import type { BytePipe } from '../pipe/byte-pipe.ts';
import { type StreamHandler, type Tunnel, TunnelError } from '../tunnel.ts';
import { protocolError, tunnelLost } from './errors.ts';
import { Flight } from './flight.ts';
import { FrameDecoder, type FrameHandler } from './frame-decoder.ts';
import { FrameType } from './frames.ts';
import { KeepAlive } from './keep-alive.ts';
import { Sender } from './sender.ts';
import type { MuxStream } from './stream.ts';
import { Streams } from './streams.ts';
import { TokenBucket } from './token-bucket.ts';

interface Components {
  pipe: BytePipe;
  clock: Clock;
}

interface Init {
  /** Who is at the other end of the pipe. */
  peerID: string;
  /** Answers streams; without it this is the end that opens them. */
  onStream?: StreamHandler;
  limits: Limits;
}

/** Many streams over one pipe. One end opens them, the other one answers. */
export class Mux implements Tunnel {
  readonly peerID: string;
  readonly #clock: Clock;
  readonly #pipe: BytePipe;
  readonly #flight: Flight;
  readonly #sender: Sender;
  readonly #streams: Streams;
  readonly #decoder: FrameDecoder;
  readonly #keepAlive: KeepAlive;
  readonly #frames: TokenBucket;
  readonly #answered = Promise.withResolvers<void>();
  readonly #closed = Promise.withResolvers<TunnelError | undefined>();
  #over = false;

  constructor({ pipe, clock }: Components, init: Init) {
    const { keepAliveMs, deadAfterMs, framesPerSecond, burstFrames } = init.limits;
    this.peerID = init.peerID;
    this.#clock = clock;
    this.#pipe = pipe;
    this.#flight = new Flight({ clock });
    const onStuck = () => this.#end(protocolError('it does not read what it asks for'));
    this.#sender = new Sender({ pipe, clock, flight: this.#flight, onStuck });
    this.#streams = new Streams({ clock, sender: this.#sender, flight: this.#flight }, init);
    this.#decoder = new FrameDecoder({ handler: this.#handler() });
    const ping = () => this.#sender.ping();
    const onSilence = () => this.#end(tunnelLost(`nothing was heard for ${deadAfterMs} ms`));
    this.#keepAlive = new KeepAlive({ clock, ping, onSilence }, { keepAliveMs, deadAfterMs });
    this.#frames = new TokenBucket({ clock }, { perSecond: framesPerSecond, burst: burstFrames });
  }

  /** Begins to speak. Called once. */
  start(): void {
    this.#pipe.start({
      data: (bytes) => this.#receive(bytes),
      drain: () => this.#sender.drained(),
      closed: (error) => this.#end(tunnelLost(error?.message ?? 'the other side closed it')),
    });
    this.#keepAlive.start();
  }

  get roundTripMs(): number {
    return this.#flight.roundTripMs;
  }

  get streams(): number {
    return this.#streams.size;
  }

  /** Resolves when the other side has said something: it has taken us in. Never rejects. */
  get answered(): Promise<void> {
    return this.#answered.promise;
  }

  get closed(): Promise<TunnelError | undefined> {
    return this.#closed.promise;
  }

  open(header: Uint8Array): MuxStream {
    // Whoever keeps the tunnel up makes a new one, as after any other loss.
    if (this.#streams.isExhausted) this.#end(tunnelLost('it has used up its stream IDs'));
    return this.#streams.open(header, this.#over ? tunnelLost('it was closed') : undefined);
  }

  close(): void {
    this.#end();
  }

  #handler(): FrameHandler {
    return {
      data: (id, bytes) => this.#streams.find(id)?.receive(bytes),
      control: (type, id, payload) => this.#control(type, id, payload),
    };
  }

  #receive(bytes: Buffer): void {
    if (this.#over) return;
    this.#keepAlive.heard();
    this.#answered.resolve();
    try {
      this.#decoder.decode(bytes);
    } catch (error) {
      const hostile = error instanceof TunnelError;
      this.#end(hostile ? error : tunnelLost('whoever reads a stream failed'));
      // A mistake of our own, in a listener of a stream: that must not go unnoticed.
      if (!hostile) throw error;
    }
  }

  #control(type: FrameType, id: number, payload: Buffer): void {
    if (!this.#frames.take()) throw protocolError('it sent too many frames');
    if (type === FrameType.ping) this.#answer(payload.readUInt32BE());
    else if (type === FrameType.pong) this.#arrived(payload.readUInt32BE(), payload.readUInt32BE(4));
    else this.#streams.control(type, id, payload);
  }

  #answer(ping: number): void {
    this.#sender.numbers(FrameType.pong, 0, ping, this.#clock.now() >>> 0);
  }

  #arrived(ping: number, arrivedAt: number): void {
    this.#flight.answered(ping, arrivedAt);
    this.#sender.resume();
  }

  /** @param error Why, unless we close it ourselves. */
  #end(error?: TunnelError): void {
    if (this.#over) return;
    this.#over = true;
    this.#keepAlive.stop();
    this.#sender.close();
    if (error) this.#pipe.destroy();
    else this.#pipe.end();
    this.#streams.fail(error ?? tunnelLost('it was closed on this side'));
    this.#closed.resolve(error);
  }
}
